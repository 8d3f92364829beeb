/* The unit of the monitor, as a guest script sees it. */

/** What systemd says of the unit. */
export const UNIT = `
for n in $(seq 30); do
  [ "$(systemctl show -P SubState holdfast-monitor)" = running ] && break; sleep 1
done
pid=$(systemctl show -P MainPID holdfast-monitor)
echo "unit=$(systemctl show -P FragmentPath holdfast-monitor)"
echo "active=$(systemctl show -P ActiveState holdfast-monitor)"
echo "program=$(readlink /proc/$pid/exe)"
echo "rss=$(sed -n 's/VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$pid/status)"
journalctl -b -u holdfast-monitor --no-pager 2>&1 | tail -5
`

/** What it is where the program in /run is what runs. */
export const FROM_RUN = {
  mode: 'persistent',
  unit: '/run/systemd/system/holdfast-monitor.service',
  active: 'active',
  program: '/run/holdfast/bin/holdfast',
}
