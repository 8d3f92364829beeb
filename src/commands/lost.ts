import { UsageError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { findBacking, type KeepingFacts } from '../keeping/backing.ts'
import { formatLost, jsonLost } from '../keeping/format-lost.ts'
import { probeKeeping } from '../keeping/probe-keeping.ts'
import { MOST_ENTRIES, probeLost } from '../keeping/probe-lost.ts'
import { findRamLayers } from '../keeping/ram-layers.ts'
import type { System } from '../machine/system.ts'
import { formatJson } from '../printable.ts'
import type { Args, Command } from './command.ts'

export const lost: Command = {
  name: 'lost',
  summary:
    'Say what would be gone if the machine rebooted now: changed files in RAM, largest first',
  options: {
    count: { kind: 'text', short: 'n', summary: 'How many files to show (20)' },
    all: {
      kind: 'flag',
      summary: 'Show every file, and what is volatile by design as well: /run, /dev, /tmp',
    },
    json: { kind: 'flag', summary: 'The same as JSON; the keys are in holdfast(8)' },
  },
  examples: [
    ['holdfast lost', 'the twenty largest'],
    ['holdfast lost --all --json', 'all of them, for programs'],
  ],
  run: runLost,
}

const DEFAULT_COUNT = 20

function runLost(system: System, args: Args): number {
  const volatileToo = args.flag('all')
  const count = parseCount(args.text('count')) ?? (volatileToo ? MOST_ENTRIES : DEFAULT_COUNT)
  const all = probeKeeping(system)
  const found = findRamLayers(all, volatileToo)
  const report = {
    ...probeLost(system, found, { count, volatileToo }),
    storeUsedBytes: storeUsedBytes(all),
    guessed: found.layers.some(({ kind }) => kind === 'root'),
  }
  const text = args.flag('json') ? formatJson(jsonLost(report)) : formatLost(report).join('\n')
  system.print('stdout', `${text}\n`)
  return 0
}

/** Of the root's store, where it is in RAM. */
function storeUsedBytes(all: KeepingFacts): number | undefined {
  const { facts, status } = all
  const root = findMount(facts.mounts, facts.newRoot)
  const state = status.snapshot?.state
  if (root === undefined || state?.kind !== 'active') return undefined
  return findBacking(all, root).verdict === 'lost' ? state.usedSectors * 512 : undefined
}

function parseCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError(`--count '${text}': is not a number of files, such as 50`)
}
