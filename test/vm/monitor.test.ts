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

monitor('28: without room it warns, and cures the overflow as soon as there is room', async () => {
  const disk = await persistenceDisk({ bytes: 100e6, store: STORE, storeBytes: 16 * MIB })
  const outcome = await bootLive({
    suite: 'trixie',
    cmdline: CMDLINE,
    disks: [{ file: disk }],
    timeoutSeconds: 600,
    script: `${REWRITE}${BALLAST}
    holdfast monitor 2> /run/said &
    rewrite 26000
    for n in $(seq 60); do grep -q 'filling up' /run/said && break; sleep 1; done
    rewrite
    dmsetup status live-snapshot | grep Overflow || exit 1
    for n in $(seq 60); do grep -q 'writes fail' /run/motd.d/holdfast && break; sleep 1; done
    cat /run/motd.d/holdfast
    holdfast status; echo "status=$?"
    rm /run/initramfs/overlayfs/ballast
    for n in $(seq 60); do grep -q 'written to again' /run/said && break; sleep 1; done
    echo late > /late && sync /late && echo late=yes
    sleep 3
    cat /run/said
    [ -e /run/motd.d/holdfast ] || echo motd=gone
    sync`,
  })
  assert.equal(pick(outcome, 'status', 'late', 'motd'), { status: '4', late: 'yes', motd: 'gone' })
  assert.match(outcome.report.text, /the store is filling up/)
  assert.match(outcome.report.text, /holdfast: the store is full: writes fail/)
  const again = await bootLive({
    suite: 'trixie',
    cmdline: CMDLINE,
    disks: [{ file: disk }],
    script: 'echo "late=$(cat /late)"',
  })
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
