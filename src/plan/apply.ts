import { CommandError, KilledError } from '../errors.ts'
import { tryLine } from '../machine/attempt.ts'
import { type RunResult, type System, SystemError } from '../machine/system.ts'
import { isDone, longestMs, toArgv, type Word } from './command.ts'
import { describeStep } from './describe.ts'
import { doFileStep } from './do-file-step.ts'
import { apartArgv, formatStep } from './print.ts'
import { adviseOnRepair, formatRepair, lastWords } from './repair-words.ts'
import type { Plan, Step } from './step.ts'
import { traceOf } from './trace.ts'
import { leavesPart, takesBack } from './undo.ts'

/** In milliseconds; undefined for what is usual for that step. */
export type LimitMs = (step: Step) => number | undefined

/** Loop devices by the name that their step gave them. Shared by the stages of one run. */
export type LoopNames = Map<string, string>

/** A step that was done; or one that failed, of which `isLeft` says whether there is something to be taken back all the same. */
interface Entry {
  readonly step: Step
  readonly isLeft?: () => boolean
}

/** What was done and can be taken back: handed from stage to stage, so that a late failure undoes all. */
export interface Journal {
  readonly done: Entry[]
  readonly loops: LoopNames
  /** How long the program of a step may take; undefined for the step's own limit. */
  readonly limitMs: LimitMs
  /** Called with what a program has to say to the administrator. */
  heard(text: string): void
}

/** An empty journal. `limit` is one for all steps, or one for each. */
export function newJournal(limit?: number | LimitMs, heard: Journal['heard'] = () => {}): Journal {
  const limitMs = typeof limit === 'function' ? limit : () => limit
  return { done: [], loops: new Map(), limitMs, heard }
}

/**
 * Carries out the steps in order and enters each in the journal, also one that failed and may have left something
 * behind. Throws a CommandError at the first that fails; nothing is undone then: that is the caller's
 * decision, see walkBack.
 */
export function apply(system: System, plan: Plan, journal: Journal): void {
  for (const step of plan.steps) {
    if (leavesPart(step)) {
      journal.done.push({ step })
      doStep(system, step, journal)
    } else {
      doWhole(system, step, journal)
    }
  }
}

function doWhole(system: System, step: Step, journal: Journal): void {
  const trace = traceOf(system, step, journal.loops)
  try {
    doStep(system, step, journal)
  } catch (error) {
    const isCut = error instanceof KilledError || !(error instanceof CommandError)
    const isLeft = trace && (() => trace(isCut))
    if (isLeft !== undefined) journal.done.push({ step, isLeft })
    throw error
  }
  enter(journal.done, step)
}

/** A mount or device of this run that is unmounted or removed again has been taken back by that. */
function enter(done: Entry[], step: Step): void {
  const taken = done.map((each) => takesBack(step, each.step)).lastIndexOf(true)
  if (taken < 0) done.push({ step })
  else done.splice(taken, 1)
}

/** Throws a CommandError when the step fails, a KilledError when its program was killed at its limit. */
export function doStep(system: System, step: Step, { loops, limitMs, heard }: Journal): void {
  const argv = step.kind === 'apart' ? apartArgv(step) : toArgv(step)
  if (argv === undefined) {
    runFileStep(system, step)
    return
  }
  const words = argv.map((word) => resolve(system, word, loops))
  const result = runProgram(system, step, words, limitMs(step) ?? longestMs(step))
  if (step.kind === 'attach-loop') loops.set(step.as, result.stdout.trim())
  if (step.kind === 'repair-files') formatRepair(step, result).forEach(heard)
}

/** A mount point may be busy for a moment, while udev or a service looks at it. */
const BUSY_RETRIES = 8
const BUSY_WAIT_MS = 100

function runProgram(
  system: System,
  step: Step,
  argv: readonly string[],
  timeoutMs: number | undefined,
): RunResult {
  for (let tries = 0; ; tries++) {
    const result = system.run(argv, timeoutMs)
    if (isDone(step, result.status)) return result
    const busy = step.kind === 'unmount' && /busy/.test(result.stderr)
    if (busy && tries < BUSY_RETRIES) {
      system.sleep(BUSY_WAIT_MS)
      continue
    }
    if (result.timedOut) {
      throw new KilledError(
        `${failure(step)}: no answer in time, killed`,
        argv,
        adviseOnRepair(step),
      )
    }
    const said = step.kind === 'repair-files' ? lastWords(result) : result.stderr.trim()
    const message = `${failure(step)}: ${said || `exit status ${result.status}`}`
    throw new CommandError(message, argv, adviseOnRepair(step))
  }
}

function runFileStep(system: System, step: Step): void {
  try {
    doFileStep(system, step)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new CommandError(`${failure(step)}: ${error.code}`, [formatStep(step)])
  }
}

function resolve(system: System, word: Word, loops: LoopNames): string {
  if (typeof word === 'string') return word
  if ('loop' in word) return findLoop(loops, word.loop)
  if ('sectorsOf' in word) return loopSectors(system, findLoop(loops, word.sectorsOf))
  return word.map((part) => resolve(system, part, loops)).join('')
}

function loopSectors(system: System, node: string): string {
  return tryLine(system, `/sys/class/block/${node.slice('/dev/'.length)}/size`)
}

function findLoop(loops: LoopNames, name: string): string {
  const node = loops.get(name)
  if (node === undefined) throw new Error(`the loop device '${name}' was never attached`)
  return node
}

/** "Failed to mount '/dev/sdb'": the verb and the thing, the tool's own words follow. */
function failure(step: Step): string {
  const [verb, thing] = describeStep(step)
  return `Failed to ${verb} '${thing}'`
}
