import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { explainConfig } from '../../../src/cmdline/explain.ts'
import { bootRoot } from '../../../src/commands/boot-root.ts'
import { ExpectedError } from '../../../src/errors.ts'
import { formatError } from '../../../src/format-error.ts'
import type { Facts } from '../../../src/machine/facts.ts'
import { formatOutcome } from '../../../src/overlay/outcome.ts'
import { printer } from '../../../src/plan/runner.ts'
import { formatJson } from '../../../src/printable.ts'
import { disk, dm, factsOf } from '../facts-of.ts'
import { mapSystem } from '../map-system.ts'
import { mutatedCommandLine } from './command-line.ts'
import { UNPRINTABLE } from './unprintable.ts'

const test = suite('2,000 command lines that were spoilt')

const LINES = 2000
const SEEN = ['persistent', 'readonly', 'temporary', 'untouched']

/** An ordinary root, a live one, a squashfs, and none at all; the persistence device is there, mounted, or not. */
const MACHINES: readonly Facts[] = [
  factsOf(
    [disk('sda2', '8:2', 'ext4'), disk('sdb', '8:16', 'ext4')],
    ['20 1 8:2 / /sysroot ro - ext4 /dev/sda2 ro'],
  ),
  factsOf(
    [dm(0, 'live-base', 'holdfast-live-base', []), disk('sdb', '8:16', 'vfat')],
    [
      '20 1 254:0 / /sysroot ro - ext4 /dev/mapper/live-base ro',
      '21 2 8:16 / /run/initramfs/live ro - vfat /dev/sdb ro',
    ],
  ),
  factsOf([disk('sda', '8:0', 'squashfs')], ['20 1 8:0 / /sysroot ro - squashfs /dev/sda ro']),
  factsOf([]),
]

function dryRun(line: string, facts: Facts): string {
  const system = mapSystem({})
  const said: string[] = []
  const log = { info: (text: string) => said.push(text), warn: (text: string) => said.push(text) }
  const bugs: unknown[] = []
  const context = {
    bugs,
    ...{ system, log, facts, config: parseConfig(line), runner: printer(system), here: false },
    probe: () => facts,
    waitFor: () => facts,
  }
  try {
    const outcome = bootRoot(context)
    modes.add(outcome.mode)
    // The log and the console make it printable by formatError's own means.
    formatOutcome(outcome)
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    said.push(formatError(error))
  }
  for (const bug of bugs) throw bug
  return system.printed.join('')
}

const modes = new Set<string>()

test('every one is read, explained and planned for, on every machine, and what is printed is printable', () => {
  for (let number = 0; number < LINES; number++) {
    const line = mutatedCommandLine(number)
    const about = `line ${number}: ${JSON.stringify(line).slice(0, 300)}`
    const config = parseConfig(line)
    assert.not.match(explainConfig(config).join('\n'), UNPRINTABLE, about)
    assert.not.match(formatJson(config), UNPRINTABLE, about)
    for (const facts of MACHINES) assert.not.match(dryRun(line, facts), UNPRINTABLE, about)
  }
  assert.equal([...modes].sort(), SEEN)
})

test.run()
