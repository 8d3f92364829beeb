import * as assert from 'uvu/assert'
import { BALLAST, REWRITE } from './full-holder.ts'
import { emptyDisk, persistenceDisk } from './image/disk.ts'
import { bootLive, pick } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// A store grows by hand: in use, on a device, and after it has overflowed.
const growth = scenarios('grow')

const MIB = 1 << 20
const STORE = '/s.img'
const CMDLINE = `rd.live.overlay=/dev/sdb:${STORE}`
/** 512 MiB in chunks of 16 KiB. */
const ENOUGH = (2 + 32768 + 32) * 16384

growth(
  '28: a store in use grows, what is written then is kept, and again nothing is to do',
  async () => {
    const disk = await persistenceDisk({ bytes: 700e6, store: STORE, storeBytes: 16 * MIB })
    const script = `
    holdfast grow --size 8M && exit 1
    holdfast grow --size 32M || exit 2
    echo "first=$(stat -c %s /run/initramfs/overlayfs${STORE})"
    holdfast grow || exit 3
    holdfast grow || exit 4
    holdfast grow --dry-run /dev/sdb:${STORE} || exit 5
    echo "bytes=$(stat -c %s /run/initramfs/overlayfs${STORE})"
    echo "status=$(dmsetup status live-snapshot)"
    dd if=/dev/urandom of=/much bs=64k count=640 conv=fsync status=none || exit 6
    echo "sum=$(sha256sum < /much)"`
    const disks = [{ file: disk }]
    const grown = await bootLive({ cmdline: CMDLINE, disks, script })
    const { first, bytes, status, sum } = grown.report.values
    assert.equal([first, bytes], [String(32 * MIB), String(ENOUGH)])
    assert.match(status ?? '', `/${ENOUGH / 512} `)
    assert.match(grown.report.text, /has 16 MiB, and 8 MiB were asked for: a store never shrinks/)
    assert.match(grown.report.text, /the store has 512\.5 MiB already: it cannot overflow/)
    const again = await bootLive({
      cmdline: CMDLINE,
      disks,
      script: 'echo "sum=$(sha256sum < /much)"',
    })
    assert.equal(pick(again, 'mode', 'sum'), { mode: 'persistent', sum })
  },
)

growth('a store on another device grows: ext4, and vfat, where zeros are written', async () => {
  const outcome = await bootLive({
    cmdline: '',
    disks: [
      { file: await persistenceDisk({ bytes: 120e6, store: STORE, storeBytes: 16 * MIB }) },
      { file: await emptyDisk(['mkfs.vfat', '-n', 'STICK'], 64 * MIB) },
    ],
    script: `
      holdfast grow /dev/sdb:${STORE} && exit 1
      holdfast grow /dev/sdb:${STORE} --size 32M || exit 2
      grep sdb /proc/mounts && exit 3
      mount /dev/sdb /mnt && echo "ext4=$(stat -c '%s' /mnt${STORE})"
      [ $(($(stat -c %b /mnt${STORE}) * 512)) -ge 33554432 ] && echo blocks=yes
      holdfast create LABEL=STICK:/v.img --size 8M || exit 4
      holdfast grow LABEL=STICK:/v.img --size 24M || exit 5
      mkdir -p /run/v && mount /dev/sdc /run/v && echo "vfat=$(stat -c '%s' /run/v/v.img)"
      umount /mnt /run/v`,
  })
  assert.equal(pick(outcome, 'ext4', 'blocks', 'vfat'), {
    ext4: String(32 * MIB),
    blocks: 'yes',
    vfat: String(24 * MIB),
  })
  assert.match(outcome.report.text, 'the store has no record of its base')
})

growth('an overflow is cured under the root as soon as there is room', async () => {
  const disk = await persistenceDisk({ bytes: 100e6, store: STORE, storeBytes: 16 * MIB })
  const script = `${REWRITE}${BALLAST}
    echo early > /early && sync /early
    rewrite
    dmsetup status live-snapshot | grep Overflow || exit 1
    holdfast grow; echo "full=$?"
    rm /run/initramfs/overlayfs/ballast
    holdfast grow --dry-run
    # As when the monitor sees the room at the same time.
    holdfast grow &
    holdfast grow || exit 2
    wait $! || exit 3
    dmsetup status live-snapshot; dmsetup info -c
    echo late > /late && sync /late && echo late=yes
    echo 3 > /proc/sys/vm/drop_caches
    sha256sum --quiet -c /run/sums && echo same=yes
    grep -c run/holdfast/apart /proc/mounts
    sync`
  const cured = await bootLive({ cmdline: CMDLINE, disks: [{ file: disk }], script })
  assert.equal(pick(cured, 'full', 'late', 'same'), { full: '3', late: 'yes', same: 'yes' })
  assert.match(cured.report.text, /the store is full, and its device has no room/)
  assert.match(cured.report.text, 'the root can be written to again')
  const again = await bootLive({
    cmdline: CMDLINE,
    disks: [{ file: disk }],
    script: 'echo "early=$(cat /early)"; echo "late=$(cat /late)"',
  })
  assert.equal(pick(again, 'mode', 'early', 'late'), {
    mode: 'persistent',
    early: 'early',
    late: 'late',
  })
})

growth.run()
