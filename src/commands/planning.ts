import { type Config, parseConfig } from '../cmdline/config.ts'
import { UsageError } from '../errors.ts'
import { type Log, openLog, terminalLog } from '../log.ts'
import { DEFAULT_TIMEOUT_MS } from '../machine/child-process.ts'
import type { Facts } from '../machine/facts.ts'
import { CONFIG_SAID_FILE, RECORD_FOLDER } from '../machine/places.ts'
import { probeCmdline, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import type { Shortfall } from '../overlay/outcome.ts'
import type { LimitMs } from '../plan/apply.ts'
import { executor, printer, type Runner } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import type { Args, Option } from './command.ts'
import { readFactsFile } from './facts-file.ts'

/** What every command that plans takes: see it before it is done, here or at a desk. */
export const PLANNING_OPTIONS: Readonly<Record<string, Option>> = {
  'dry-run': { kind: 'flag', summary: 'Print the plan as a sh script and change nothing' },
  cmdline: { kind: 'text', summary: 'Take this for the kernel command line' },
  facts: {
    kind: 'text',
    summary: 'Take the machine from this file, which `holdfast probe --json` made (with --dry-run)',
  },
}

/** One run of a command that plans: what is asked, how it is carried out, where it is said. */
export interface Planning {
  readonly system: System
  readonly config: Config
  readonly runner: Runner
  readonly log: Log
  /** Errors that are bugs of holdfast's own, which the boot goes on after and throws in the end. */
  readonly bugs: unknown[]
  readonly newRoot: string
  /** The machine of --facts; undefined when it is this one. */
  readonly givenFacts: Facts | undefined
  /** Why what keeps state is not to be looked at any more, where an earlier try has shown that. */
  readonly lostState?: Shortfall
}

/** Reads the options of PLANNING_OPTIONS. Throws a UsageError when --facts cannot be used. */
export function openPlanning(system: System, args: Args): Planning {
  const dry = args.flag('dry-run')
  const givenFacts = readFacts(system, args.text('facts'), dry)
  const log = dry ? terminalLog(system) : openLog(system)
  const cmdline = args.text('cmdline') ?? givenFacts?.cmdline ?? probeCmdline(system)
  return {
    system,
    config: parseConfig(cmdline),
    runner: dry ? printer(system) : executor(system, limitAtBoot, log.warn),
    log,
    bugs: [],
    newRoot: givenFacts?.newRoot ?? probeNewRoot(system),
    givenFacts,
  }
}

/** A boot does not wait long for blocks that are there or not; zeros take as long as they take. */
const limitAtBoot: LimitMs = (step) =>
  step.kind === 'grow-file' && step.allocation === 'fallocate' ? DEFAULT_TIMEOUT_MS : undefined

/** Says what in the configuration was not understood, renamed or ignored, unless that has been said. */
export function logConfig({ system, config, log, runner }: Planning): void {
  if (!runner.dry && system.exists(CONFIG_SAID_FILE)) return
  for (const { argument, text } of config.problems) log.warn(`${argument}: ${text}`)
  for (const { kind, argument, text } of config.notes) {
    const line = `${argument}: ${text}`
    if (kind === 'ignored') log.warn(line)
    else log.info(line)
  }
}

/** The same in a command that is run again and again: in this boot it is said no more. */
export function logConfigOnce(planning: Planning): void {
  const { config, runner } = planning
  logConfig(planning)
  if (runner.dry || config.problems.length + config.notes.length === 0) return
  const steps: Step[] = [
    { kind: 'make-directory', path: RECORD_FOLDER },
    { kind: 'write-file', path: CONFIG_SAID_FILE, text: '' },
  ]
  runner.run({ reasons: [], steps })
}

function readFacts(system: System, path: string | undefined, dry: boolean): Facts | undefined {
  if (path === undefined) return undefined
  if (!dry) throw new UsageError('--facts describes another machine: it goes with --dry-run')
  return readFactsFile(system, path)
}
