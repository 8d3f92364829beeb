import * as assert from 'uvu/assert'
import { BEFORE_HOLDFAST, bootFailing, COME_UP } from '../vm/failing-holder.ts'
import { emptyDisk } from '../vm/image/disk.ts'
import { boot } from '../vm/machine/boot.ts'
import { ServedDisk } from '../vm/machine/served-disk.ts'
import { rootWith } from '../vm/root-with.ts'
import { scenarios } from '../vm/scenario.ts'

// Devices that stop to answer, without an error: a boot waits for a minute, three where something is synced, and goes on.
const silent = scenarios('silent devices')

// In a program that is killed in vain, in a sync.
for (const requests of [3, 15]) {
  silent(`a persistence device that no longer answers after ${requests} writes`, async () => {
    assert.match(await bootFailing('hang', requests), /no longer answers$/)
  })
}

silent('a state device that no longer answers is one that is missing', async () => {
  const disk = await ServedDisk.of(await emptyDisk(['mkfs.ext4', '-q', '-L', 'KEPT'], 64 << 20))
  const outcome = await boot({
    suite: 'bookworm',
    initramfs: 'script',
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
    disks: [
      {
        file: await rootWith({
          '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=KEPT\n',
          '/etc/fstab': 'LABEL=ROOT / ext4 ro 0 0\n',
          '/etc/rwtab': 'files /etc\n',
          '/etc/statetab': '/srv/kept\n',
          '/srv/kept/text': 'image',
        }),
        readOnly: true,
      },
      { file: disk.file, bus: 'virtio', serial: 'kept' },
    ],
    reactions: [{ when: BEFORE_HOLDFAST, act: () => disk.failAfter('hang', 0) }],
    ...COME_UP,
    script: `echo "etc=$(echo x > /etc/x && cat /etc/x)"; echo "kept=$(cat /srv/kept/text)"
      echo "root=$(sed -n 's,^\\([^ ]*\\) / .*,\\1,p' /proc/mounts)"
      grep why /run/holdfast/boot.json; ${COME_UP.script}`,
    timeoutSeconds: 600,
  })
  disk.close()
  assert.is(outcome.exit, 'killed', outcome.log.slice(-3000))
  const { values, text } = outcome.report
  // Nobody asked for a store.
  assert.equal(
    ['etc', 'kept', 'root'].map((name) => values[name]),
    ['x', 'image', '/dev/sda'],
    text,
  )
  assert.match(text, /statetab lists is not kept: '[^']*' no longer answers/)
})

silent.run()
