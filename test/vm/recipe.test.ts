import * as assert from 'uvu/assert'
import { persistenceDisk } from './image/disk.ts'
import { wasCleanlyUnmounted } from './image/ext4.ts'
import { liveMedium } from './image/medium.ts'
import type { Suite } from './image/tree.ts'
import { boot } from './machine/boot.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

// The recipe that holdfast was born from: a live image, a 500 MB disk, a 300 MB file of zeros on it.
const recipe = scenarios('recipe')
const cmdline = 'root=live:CDLABEL=LIVE rd.live.image rd.live.overlay=/dev/sdb:/persist-hda.img'

const COMPLETE = { init: 'systemd', shutdownInitramfs: true } as const

for (const suite of ['bookworm', 'trixie'] as const) {
  recipe(
    `28: ${suite}, initramfs without systemd: what one boot writes the next one finds`,
    async () => {
      const { disks } = await recipeDisks(suite)
      for (const boots of ['1', '2'])
        await countBoot({ suite, initramfs: 'script', cmdline, disks }, boots)
    },
  )

  recipe(
    `${suite}, systemd over an initramfs without it: the monitor runs, and the shutdown leaves the disk clean`,
    async () => {
      const { disks, persistence } = await recipeDisks(suite)
      const outcome = await countBoot(
        { suite, initramfs: 'script', cmdline, disks, ...COMPLETE },
        '1',
        'echo "monitor=$(systemctl is-active holdfast-monitor)"',
      )
      assert.is(outcome.report.values['monitor'], 'active')
      assert.ok(await wasCleanlyUnmounted(persistence))
    },
  )

  recipe(
    `${suite}, with systemd: the same, and a complete shutdown leaves the disk clean`,
    async () => {
      const { disks, persistence } = await recipeDisks(suite)
      await countBoot({ suite, initramfs: 'systemd', cmdline, disks, ...COMPLETE }, '1')
      assert.ok(await wasCleanlyUnmounted(persistence))
      await countBoot({ suite, initramfs: 'systemd', cmdline, disks }, '2')
    },
  )
}

recipe(
  'the executable with Node inside survives dracut, which strips what it installs',
  async () => {
    const { disks } = await recipeDisks('bookworm')
    await countBoot({ suite: 'bookworm', initramfs: 'node', cmdline, disks }, '1')
  },
)

async function recipeDisks(suite: Suite) {
  const persistence = await persistenceDisk()
  const disks = [{ file: await liveMedium(suite), readOnly: true }, { file: persistence }]
  return { disks, persistence }
}

async function countBoot(
  options: Omit<Parameters<typeof boot>[0], 'script'>,
  expected: string,
  more = '',
) {
  const script = `
    ${more}
    echo boot >> /etc/boots
    echo "boots=$(wc -l < /etc/boots)"
    echo "table=$(dmsetup table live-snapshot)"`
  const outcome = await boot({ ...options, script })
  assertScriptSucceeded(outcome)
  assert.match(outcome.log, 'dry run: changed nothing')
  assert.is(outcome.exit, 'poweroff')
  assert.is(outcome.report.values['boots'], expected)
  assert.match(outcome.report.values['table'] ?? '', /^0 \d+ snapshot /)
  return outcome
}

recipe.run()
