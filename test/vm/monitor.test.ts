import * as assert from 'uvu/assert'
import { fillWatched, LIST } from './fill-watched.ts'
import { BALLAST, REWRITE } from './full-holder.ts'
import { persistenceDisk } from './image/disk.ts'
import { bootLive, pick } from './live-boot.ts'
import { FROM_RUN, UNIT } from './monitor-unit.ts'
import { scenarios } from './scenario.ts'

// The monitor makes a store larger while it is written to: no write fails, and all is there at the next boot.
const monitor = scenarios('monitor')

const MIB = 1 << 20
const STORE = '/s.img'
const CMDLINE = `rd.live.overlay=/dev/sdb:${STORE}`

monitor('filled by 2,000 small synced files and a large one: no write fails', () =>
  fillWatched(2000),
)

monitor('a store of 8 MiB and bursts of 4 MiB', async () => {
  const disk = await persistenceDisk({ bytes: 200e6, store: STORE, storeBytes: 8 * MIB })
  const script = `holdfast monitor &
    until [ -e /run/holdfast/store.json ]; do sleep 0.1; done
    mkdir /kept
    for n in 1 2 3 4 5 6 7 8 9; do
      dd if=/dev/urandom of=/kept/$n bs=4M count=1 conv=fsync status=none || echo "failed $n"
    done
    sha256sum /kept/* > /run/sums; mv /run/sums /kept/sums; sync /kept/sums || echo failed sums
    dmsetup status live-snapshot`
  const first = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script })
  const second = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script: LIST })
  assert.not.match(first.report.text, /failed|Overflow/)
  assert.equal(pick(second, 'mode', 'kept'), { mode: 'persistent', kept: '9' })
})

monitor(
  'a store of 8 MiB: writers wait while it grows at the last moment; then bursts of 4 MiB',
  async () => {
    // What is in the way goes when the store is written to already.
    const content = { '/before': Buffer.alloc(50e6, 1) }
    const disk = await persistenceDisk({ bytes: 100e6, store: STORE, storeBytes: 8 * MIB, content })
    const script = `holder=/run/initramfs/overlayfs
    dd if=/dev/zero of=$holder/ballast bs=64k status=none 2> /dev/null
    holdfast monitor &
    until [ -e /run/holdfast/store.json ]; do sleep 0.1; done
    mkdir /kept
    for n in $(seq 60); do [ -e /run/holdfast/apart/filled ] && echo before=ready && break; sleep 1; done
    # Only steps that are done while the root is suspended make this file.
    for n in $(seq 200); do
      [ $(stat -c %s $holder${STORE}) = 8388608 ] || break
      head -c 16384 /dev/urandom > /kept/small-$n && sync /kept/small-$n || echo "failed small $n"
      # Each look from here on finds that something was written since the one before.
      [ $n != 5 ] || rm $holder/before $holder/ballast
      sleep 0.1
    done
    [ -e /run/holdfast/apart.lock ] && echo held=yes
    for n in $(seq 60); do grep -q /run/holdfast/apart /proc/mounts || break; sleep 1; done
    grep /run/holdfast/apart /proc/mounts || echo after=gone
    for n in 1 2 3 4 5 6; do
      dd if=/dev/urandom of=/kept/$n bs=4M count=1 conv=fsync status=none || echo "failed $n"
    done
    sha256sum /kept/* > /run/sums; mv /run/sums /kept/sums; sync /kept/sums || echo failed sums
    dmsetup status live-snapshot
    echo "kept=$(wc -l < /kept/sums)"`
    const first = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script })
    const second = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script: LIST })
    assert.not.match(first.report.text, /failed|Overflow/)
    const { kept = '' } = first.report.values
    assert.equal(pick(first, 'before', 'held', 'after'), {
      before: 'ready',
      held: 'yes',
      after: 'gone',
    })
    assert.equal(pick(second, 'mode', 'kept'), { mode: 'persistent', kept })
  },
)

// An initramfs without systemd mounts /run so that nothing in it can be run: holdfast lets it. With the rights of the unit.
monitor('28: without room it warns, and cures the overflow as soon as there is room', async () => {
  // The monitor is there before the ballast, and takes what it finds.
  const content = { '/before': Buffer.alloc(48e6, 1) }
  const disk = await persistenceDisk({ bytes: 100e6, store: STORE, storeBytes: 16 * MIB, content })
  const shared = { suite: 'trixie', cmdline: CMDLINE, disks: [{ file: disk }] } as const
  const outcome = await bootLive({
    ...shared,
    init: 'systemd',
    // A login that ends by itself.
    script: `sed -i '/^root:/s,[^:]*$,/bin/true,' /etc/passwd
    ${UNIT}${REWRITE}${BALLAST}
    grep '^tmpfs /run .*noexec' /proc/mounts && exit 2
    said() { journalctl -b -u holdfast-monitor -o cat | grep "$1"; }
    # Four fifths of what the monitor has made of it.
    rewrite $(($(stat -c %s /run/initramfs/overlayfs${STORE}) / 640))
    for n in $(seq 60); do grep -q 'filling up' /run/motd.d/holdfast && break; sleep 1; done
    rewrite
    # A root that has failed cannot power off.
    dmsetup status live-snapshot | grep Overflow || { dmsetup status; echo o > /proc/sysrq-trigger; }
    for n in $(seq 60); do grep -q 'writes fail' /run/motd.d/holdfast && break; sleep 1; done
    cat /run/motd.d/holdfast
    echo "level=$(sed -n 's/^ *"level": "\\(.*\\)",/\\1/p' /run/holdfast/store.json)"
    timeout 60 script -qc 'exec login -f root' /run/login < /dev/null > /dev/null
    grep -q 'the store is full: writes fail' /run/login && echo login=told || cat /run/login
    holdfast status; echo "status=$?"
    rm /run/initramfs/overlayfs/ballast /run/initramfs/overlayfs/before
    for n in $(seq 60); do said 'written to again' && break; sleep 1; done
    echo late > /late && sync /late && echo late=yes
    for n in $(seq 60); do [ -e /run/motd.d/holdfast ] || break; sleep 1; done
    said ''
    [ -e /run/motd.d/holdfast ] || echo motd=gone
    sync`,
  })
  assert.equal(pick(outcome, ...Object.keys(FROM_RUN)), FROM_RUN)
  assert.equal(pick(outcome, 'level', 'login', 'status', 'late', 'motd'), {
    ...{ level: 'full', login: 'told', status: '4' },
    ...{ late: 'yes', motd: 'gone' },
  })
  assert.match(outcome.report.text, /the store is filling up/)
  assert.match(outcome.report.text, /holdfast: the store is full: writes fail/)
  const again = await bootLive({ ...shared, script: 'echo "late=$(cat /late)"' })
  assert.equal(pick(again, 'mode', 'late'), { mode: 'persistent', late: 'late' })
})

const WITHOUT = `rm -r /usr/sbin/holdfast /usr/lib/systemd/system/holdfast-monitor.service \\
  /usr/lib/systemd/system/sysinit.target.wants/holdfast-monitor.service; sync`

monitor('systemd starts it from /run in a root without holdfast', async () => {
  const disk = await persistenceDisk({ bytes: 400e6, store: STORE, storeBytes: 16 * MIB })
  const outcome = await bootLive({
    initramfs: 'systemd',
    init: 'systemd',
    cmdline: CMDLINE,
    disks: [{ file: disk }],
    script: `${UNIT}${WITHOUT}`,
    timeoutSeconds: 600,
  })
  assert.equal(pick(outcome, ...Object.keys(FROM_RUN)), FROM_RUN)
  const { rss } = outcome.report.values
  assert.ok(Number(rss) < 3072, `VmRSS ${rss} kB`)
})

monitor(
  'a root without a store, and one that cannot overflow: it ends, and nothing is wrong',
  async () => {
    const script = 'holdfast monitor; echo "ended=$?"'
    const inRam = await bootLive({ cmdline: '', script })
    assert.is(inRam.report.values['ended'], '0')
    assert.match(inRam.report.text, 'there is nothing to watch')
    const disk = await persistenceDisk({ bytes: 700e6, store: STORE, storeBytes: 513 * MIB })
    const outcome = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script })
    assert.is(outcome.report.values['ended'], '0')
    assert.match(outcome.report.text, 'there is nothing more to watch')
  },
)

monitor.run()
