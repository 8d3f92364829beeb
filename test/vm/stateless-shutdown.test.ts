import * as assert from 'uvu/assert'
import { ext4Disk } from './image/disk.ts'
import { checkFileSystem, textFromDisk, wasCleanlyUnmounted } from './image/ext4.ts'
import { boot } from './machine/boot.ts'
import { rootWith } from './root-with.ts'
import { scenarios } from './scenario.ts'
import { BUSY, BUSY_ROOT, isOrderly } from './stateless-busy.ts'

const shutdown = scenarios('stateless, shutdown')

// Twenty of each suite are in test/soak.
shutdown('26, 31: with files open all is unmounted in order, and the state is clean', async () => {
  const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
  const outcome = await boot({
    suite: 'trixie',
    initramfs: 'systemd',
    init: 'systemd',
    shutdownInitramfs: true,
    cmdline: 'root=LABEL=ROOT ro systemd.show_status=1 printk.devkmsg=on',
    disks: [{ file: await rootWith(BUSY_ROOT, 'trixie'), discard: true }, { file: state }],
    script: BUSY,
  })
  isOrderly(outcome)
  assert.ok(await wasCleanlyUnmounted(state))
  await checkFileSystem(state)
  assert.is(await textFromDisk(state, '/etc/kept/text'), 'kept\n')
})

shutdown.run()
