import * as assert from 'uvu/assert'
import { fillToTheBrim } from '../vm/fill-to-the-brim.ts'
import { fillWatched, LIST } from '../vm/fill-watched.ts'
import { BALLAST, REWRITE } from '../vm/full-holder.ts'
import { persistenceDisk } from '../vm/image/disk.ts'
import { bootLive, pick } from '../vm/live-boot.ts'
import { FROM_RUN, UNIT } from '../vm/monitor-unit.ts'
import { scenarios } from '../vm/scenario.ts'

// The last two are short. They wait here until they have been seen green: while a growth during which writers wait is being
// prepared, which takes seconds in a machine that is emulated, nobody waits yet.
const monitor = scenarios('monitor, long')

const MIB = 1 << 20
const STORE = '/s.img'
const CMDLINE = `rd.live.overlay=/dev/sdb:${STORE}`

monitor('20,000 small synced files and a large one: no write fails', () => fillWatched(20_000))

monitor(
  '20,000 into a store without room: all that were synced are there at the next boot',
  async () => {
    const synced = await fillToTheBrim(20_000, 96 << 20)
    console.log(`without room: ${synced} files were synced before the store was full`)
  },
)

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
    rm $holder/before
    # Only steps that are done while the root is suspended make this file.
    for n in $(seq 200); do
      [ $(stat -c %s $holder${STORE}) = 8388608 ] || break
      head -c 16384 /dev/urandom > /kept/small-$n && sync /kept/small-$n || echo "failed small $n"
      sleep 0.1
    done
    [ -e /run/holdfast/apart.lock ] && echo held=yes
    for n in 1 2 3 4 5 6; do
      dd if=/dev/urandom of=/kept/$n bs=4M count=1 conv=fsync status=none || echo "failed $n"
    done
    sha256sum /kept/* > /run/sums; mv /run/sums /kept/sums; sync /kept/sums || echo failed sums
    dmsetup status live-snapshot
    echo "kept=$(wc -l < /kept/sums)"`
    const first = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script })
    const second = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script: LIST })
    assert.not.match(first.report.text, /failed|Overflow/)
    const { held, kept } = first.report.values
    assert.is(held, 'yes')
    assert.equal(pick(second, 'mode', 'kept'), { mode: 'persistent', kept })
  },
)

// An initramfs without systemd mounts /run so that nothing in it can be run: holdfast lets it. With the rights of the unit.
monitor('without room it warns, and cures the overflow as soon as there is room', async () => {
  // The monitor is there before the ballast, and takes what it finds.
  const content = { '/before': Buffer.alloc(48e6, 1) }
  const disk = await persistenceDisk({ bytes: 100e6, store: STORE, storeBytes: 16 * MIB, content })
  const shared = { suite: 'trixie', cmdline: CMDLINE, disks: [{ file: disk }] } as const
  const outcome = await bootLive({
    ...shared,
    init: 'systemd',
    script: `${UNIT}${REWRITE}${BALLAST}
    grep '^tmpfs /run .*noexec' /proc/mounts && exit 2
    said() { journalctl -b -u holdfast-monitor -o cat | grep "$1"; }
    rewrite
    # A root that has failed cannot power off.
    dmsetup status live-snapshot | grep Overflow || { dmsetup status; echo o > /proc/sysrq-trigger; }
    for n in $(seq 60); do grep -q 'writes fail' /run/motd.d/holdfast && break; sleep 1; done
    cat /run/motd.d/holdfast
    echo "level=$(sed -n 's/^ *"level": "\\(.*\\)",/\\1/p' /run/holdfast/store.json)"
    script -qc 'login -f root' /run/login < /dev/null > /dev/null
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
  assert.match(outcome.report.text, /the store is filling up|the store is nearly full/)
  assert.match(outcome.report.text, /holdfast: the store is full: writes fail/)
  const again = await bootLive({ ...shared, script: 'echo "late=$(cat /late)"' })
  assert.equal(pick(again, 'mode', 'late'), { mode: 'persistent', late: 'late' })
})

monitor.run()
