import * as assert from 'uvu/assert'
import { liveMedium } from './image/medium.ts'
import { type Boot, boot } from './machine/boot.ts'
import type { Outcome } from './machine/machine.ts'
import type { Disk } from './machine/qemu.ts'
import { assertScriptSucceeded } from './scenario.ts'

/** A boot of the live medium on /dev/sda; the other disks follow. Quick unless something else is said. */
export interface LiveBoot extends Partial<Boot> {
  cmdline: string
  medium?: Disk
  root?: string
}

/** What the boot came to, before what the test itself wants to know. */
const REPORT = `
record() { sed -n 's/^  "'$1'": "\\(.*\\)",\\{0,1\\}$/\\1/p' /run/holdfast/boot.json; }
echo "mode=$(record mode)"
echo "why=$(record why)"
echo "technology=$(record technology)"
echo "dry-run=$(cat /run/dry-run/verdict)"
`

/** Boots and gives what happened, whatever it was. */
export async function tryLive({
  medium,
  root = 'root=live:CDLABEL=LIVE',
  disks = [],
  suite = 'bookworm',
  script = '',
  cmdline,
  ...options
}: LiveBoot): Promise<Outcome> {
  const live = medium ?? { file: await liveMedium(suite), readOnly: true }
  return boot({
    suite,
    initramfs: 'script',
    ...options,
    cmdline: `${root} ${cmdline}`,
    disks: [live, ...disks],
    script: `${REPORT}${script}`,
  })
}

/** Boots, requires that the guest script succeeded and that the dry run before had changed nothing. */
export async function bootLive(options: LiveBoot): Promise<Outcome> {
  const outcome = await tryLive(options)
  assertScriptSucceeded(outcome)
  assert.is(outcome.report.values['dry-run'], 'changed nothing')
  return outcome
}

/** The values that the guest reported, only those that are named. */
export function pick(outcome: Outcome, ...names: string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, outcome.report.values[name]]))
}
