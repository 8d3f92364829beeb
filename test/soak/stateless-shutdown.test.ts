import * as assert from 'uvu/assert'
import { ext4Disk } from '../vm/image/disk.ts'
import { checkFileSystem, wasCleanlyUnmounted } from '../vm/image/ext4.ts'
import { boot } from '../vm/machine/boot.ts'
import { rootWith } from '../vm/root-with.ts'
import { scenarios } from '../vm/scenario.ts'
import { BUSY, BUSY_ROOT, isOrderly } from '../vm/stateless-busy.ts'

const shutdown = scenarios('stateless, shutdown')

const TIMES = 20

for (const suite of ['bookworm', 'trixie'] as const) {
  shutdown(`26: ${TIMES} boots with files open to the very end, ${suite}`, async () => {
    const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
    const root = await rootWith(BUSY_ROOT, suite)
    for (let time = 0; time < TIMES; time++) {
      const outcome = await boot({
        suite,
        initramfs: 'systemd',
        init: 'systemd',
        shutdownInitramfs: true,
        cmdline: 'root=LABEL=ROOT ro systemd.show_status=1 printk.devkmsg=on',
        disks: [{ file: root, discard: true }, { file: state }],
        script: BUSY,
      })
      isOrderly(outcome)
      assert.ok(await wasCleanlyUnmounted(state), `boot ${time}`)
      await checkFileSystem(state)
    }
  })
}

shutdown.run()
