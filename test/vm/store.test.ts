import * as assert from 'uvu/assert'
import { emptyDisk, persistenceDisk } from './image/disk.ts'
import { bootLive, pick } from './live-boot.ts'
import { scenarios } from './scenario.ts'

const stores = scenarios('store')

stores('two stores on one device, one of them read-only for a boot, then reset', async () => {
  const disk = await persistenceDisk({ store: '/one.img', content: { '/two.img': 300 << 20 } })
  const boot = async (arguments_: string, script: string) => {
    const cmdline = `rd.live.overlay=/dev/sdb:${arguments_}`
    return bootLive({ cmdline, disks: [{ file: disk }], script: `${SEEN}${script}` })
  }
  await boot('/one.img', 'echo one > /etc/kept')

  const other = await boot('/two.img', 'echo two > /etc/kept')
  assert.equal(pick(other, 'mode', 'seen'), { mode: 'persistent', seen: '' })

  const readOnly = await boot('/one.img rd.live.overlay.readonly', 'echo lost > /etc/kept')
  assert.equal(pick(readOnly, 'mode', 'why', 'seen'), { mode: 'temporary', why: '', seen: 'one' })

  const again = await boot('/one.img', '')
  assert.equal(pick(again, 'mode', 'seen'), { mode: 'persistent', seen: 'one' })

  const reset = await boot('/one.img rd.live.overlay.reset', '')
  assert.equal(pick(reset, 'mode', 'seen'), { mode: 'persistent', seen: '' })

  const untouched = await boot('/two.img', '')
  assert.equal(pick(untouched, 'mode', 'seen'), { mode: 'persistent', seen: 'two' })
})

const SEEN = 'echo "seen=$(cat /etc/kept 2> /dev/null)"\n'

stores('create makes one that cannot overflow; the next boot uses it', async () => {
  const disk = await persistenceDisk({ bytes: 700e6, label: 'PERSIST', storeBytes: 4096 })
  const created = await bootLive({
    cmdline: '',
    disks: [{ file: disk }],
    script: `
      mkdir -p /run/x && holdfast create LABEL=PERSIST:/stores/made.img || exit 1
      holdfast create LABEL=PERSIST:/stores/made.img && exit 2
      mount /dev/sdb /mnt
      echo "bytes=$(stat -c %s /mnt/stores/made.img)"
      echo "sparse=$(stat -c %b /mnt/stores/made.img)"
      echo "type=$(blkid -p -o value -s TYPE /mnt/stores/made.img)"
      umount /mnt`,
  })
  // 512 MiB in chunks of 16 KiB: 2 + 32768 + 32 chunks.
  assert.equal(pick(created, 'mode', 'bytes', 'type'), {
    mode: 'temporary',
    bytes: String((2 + 32768 + 32) * 16384),
    type: 'DM_snapshot_cow',
  })
  assert.ok(Number(created.report.values['sparse']) * 512 >= (2 + 32768 + 32) * 16384)
  const cmdline = 'rd.live.overlay=LABEL=PERSIST:/stores/made.img'
  const used = await bootLive({
    cmdline,
    disks: [{ file: disk }],
    script: 'dmsetup table live-snapshot',
  })
  assert.equal(pick(used, 'mode', 'why'), { mode: 'persistent', why: '' })
  assert.match(used.report.text, / PO 32/)
})

stores('create writes zeros where the file system cannot preallocate: vfat', async () => {
  const outcome = await bootLive({
    cmdline: '',
    disks: [{ file: await emptyDisk(['mkfs.vfat', '-n', 'STICK'], 128 << 20) }],
    script: `
      holdfast create LABEL=STICK:/made.img --size 32M || exit 1
      mount /dev/sdb /mnt
      echo "bytes=$(stat -c %s /mnt/made.img)"
      echo "type=$(blkid -p -o value -s TYPE /mnt/made.img)"
      ls /mnt
      umount /mnt`,
  })
  assert.equal(pick(outcome, 'bytes', 'type'), { bytes: '33554432', type: 'DM_snapshot_cow' })
  assert.match(outcome.report.text, /^made\.img$/m)
})

stores(
  'rootflags=ro, as oVirt Node boots: the snapshot is there, the root is read-only',
  async () => {
    const outcome = await bootLive({
      cmdline: 'ro rootflags=ro rd.live.overlay=/dev/sdb:/persist-hda.img',
      disks: [{ file: await persistenceDisk() }],
      script: `
      grep -c '"rootReadOnly": true' /run/holdfast/boot.json
      holdfast status
      echo x > /etc/x && echo written=yes
      mount -o remount,rw / && echo x > /etc/x && echo later=yes`,
    })
    assert.equal(pick(outcome, 'mode', 'written', 'later'), {
      mode: 'persistent',
      written: undefined,
      later: 'yes',
    })
    assert.match(outcome.log, 'the root is mounted read-only')
    assert.match(outcome.report.text, /live-rw on \/, ext4, ro/)
  },
)

stores.run()
