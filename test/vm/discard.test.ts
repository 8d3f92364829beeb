import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { bootLive } from './live-boot.ts'
import { scenarios } from './scenario.ts'

// A store that became sparse would be invalidated on the day when the file system that holds it is full.
const discards = scenarios('discard')

/**
 * Blocks of the store's file, and the chunks that the kernel counts as used. Between two looks nothing else may write:
 * ext4 clears the inode tables of a new file system while it is in use, and notes when a program was first read.
 */
const LOOK = `
mount -o remount,noatime,noinit_itable /
look() {
  sync
  echo "$1-blocks=$(stat -c %b /run/initramfs/overlayfs/s.img)"
  echo "$1-used=$(dmsetup status live-snapshot)"
}
`

discards('fstrim on the root takes no block from the store and no chunk from its use', async () => {
  const disk = await persistenceDisk({ store: '/s.img', storeBytes: 200 << 20 })
  const outcome = await bootLive({
    cmdline: 'rd.live.overlay=/dev/sdb:/s.img',
    disks: [{ file: disk }],
    script: `${LOOK}
      dd if=/dev/zero of=/much bs=1M count=40 conv=fsync status=none
      rm /much
      look before
      fstrim / ; echo "fstrim=$?"
      look after`,
  })
  const { values, text } = outcome.report
  assert.is(values['mode'], 'persistent')
  assert.is.not(values['fstrim'], '0')
  assert.match(text, /fstrim: .*not supported/)
  assert.ok(Number(values['before-blocks']) * 512 >= 200 << 20)
  assert.is(values['after-blocks'], values['before-blocks'])
  assert.match(values['before-used'] ?? '', /^0 \d+ snapshot \d+\/\d+ \d+$/)
  assert.is(values['after-used'], values['before-used'])
})

discards.run()
