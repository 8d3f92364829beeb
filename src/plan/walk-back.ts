import type { System } from '../machine/system.ts'
import { doStep, type Journal } from './apply.ts'
import type { MountStep, Step } from './step.ts'
import { traceOf } from './trace.ts'
import { undo } from './undo.ts'

/** How long a root is tried for: whoever has its device, a program that was killed among them, lets it go some time. */
const ROOT_WAIT_MINUTES = 5
const ROOT_EVERY_MS = 1_000
/** For what is tried again and again. */
const SHORT_LIMIT_MS = 20_000

/** Steps that could not be taken back, and why. */
type Stuck = Map<Step, string>

/**
 * Takes back all that the journal holds, last first, and empties it. A step that cannot be taken back
 * is reported in the result, one sentence each, and does not stop the rest.
 */
export function walkBack(system: System, journal: Journal): string[] {
  const troubles: string[] = []
  const stuck: Stuck = new Map()
  for (const { step, isLeft } of journal.done.splice(0).reverse()) {
    if (isLeft?.() === false) continue
    for (const back of undo(step)) {
      if (back.kind === 'mount' && back.isRoot) {
        troubles.push(...putRootBack(system, back, journal, stuck))
        continue
      }
      const why = takeBack(system, back, journal)
      if (why !== undefined) stuck.set(back, why)
    }
  }
  return [...troubles, ...[...stuck.values()].map((why) => `${why}, ignoring`)]
}

/**
 * Without any root there is no boot: one that cannot be mounted with the options that the kernel showed is mounted read-only
 * without them; one whose device somebody has, when he lets it go; or, if he never does, by a loop device, which asks nobody.
 */
function putRootBack(system: System, step: MountStep, journal: Journal, stuck: Stuck): string[] {
  const end = system.monotonicMs() + ROOT_WAIT_MINUTES * 60_000
  const ways = [step, { ...step, options: ['ro'] }]
  const tryAll = (all: readonly Step[], within = journal) =>
    all.some((way) => takeBack(system, way, within) === undefined)
  const why = takeBack(system, step, journal)
  if (why === undefined) return []
  if (tryAll(ways.slice(1))) return [`${why}, trying again without its options`]
  const impatient = { ...journal, limitMs: () => SHORT_LIMIT_MS }
  journal.heard(`${why}, trying again for up to ${ROOT_WAIT_MINUTES} min`)
  while (system.monotonicMs() < end) {
    system.sleep(ROOT_EVERY_MS)
    for (const back of stuck.keys()) {
      if (takeBack(system, back, impatient) === undefined) stuck.delete(back)
    }
    if (tryAll(ways, impatient)) return []
  }
  const device = { loop: 'root' }
  const attach: Step = {
    kind: 'attach-loop',
    file: `${step.device}`,
    as: device.loop,
    readOnly: true,
  }
  const isBack = tryAll([attach]) && tryAll(ways.map((way) => ({ ...way, device })))
  return [`${why}, ${isBack ? 'mounting it by a loop device' : 'ignoring'}`]
}

/** What is not there any more has been taken back. */
const GONE = /not found|No such device/

/** Why it could not be done; undefined when it has been. */
function takeBack(system: System, step: Step, journal: Journal): string | undefined {
  const isDone = traceOf(system, step, journal.loops)
  try {
    doStep(system, step, journal)
    return undefined
  } catch (error) {
    // Whatever it is, it does not stop the rest.
    const { message } = error as Error
    const isGone = step.kind === 'remove-dm' && GONE.test(message)
    return isGone || isDone?.(false) ? undefined : message
  }
}
