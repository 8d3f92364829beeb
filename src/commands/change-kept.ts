import { ExpectedError, RefusedError } from '../errors.ts'
import { makeAbsolute } from '../keeping/absolute-path.ts'
import { openLog } from '../log.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { requireWritable } from '../persist/find-state.ts'
import { giveBack } from '../persist/give-back.ts'
import { planCopyEnd } from '../persist/plan-copy.ts'
import { planFilesRecord } from '../persist/plan-files-record.ts'
import type { PlannedChange } from '../persist/plan-persist.ts'
import { planClean } from '../persist/plan-unpersist.ts'
import { probeFilesRecord } from '../persist/probe-files-record.ts'
import { probeState } from '../persist/probe-state.ts'
import { probeWanted } from '../persist/probe-wanted.ts'
import { droppedName } from '../persist/seen-mounts.ts'
import type { StateFacts, WantedPath } from '../persist/state-facts.ts'
import { executor, printer, type Runner } from '../plan/runner.ts'
import type { Plan, Step } from '../plan/step.ts'
import type { Args } from './command.ts'
import { CHANGING_KEPT, inTurn } from './in-turn.ts'

/** How paths become kept, or stop to be. */
export interface Change {
  /** The paths in the order in which they are planned. */
  order(wanted: readonly WantedPath[]): readonly WantedPath[]
  /** Throws a RefusedError. */
  plan(state: StateFacts, wanted: WantedPath): PlannedChange
}

/** Plans all of the paths, and carries the plans out when none is refused; what fails is taken back. Its exit status. */
export function changeKept(system: System, args: Args, change: Change): number {
  const paths = args.list('path')
  // What is refused waits for nobody, and touches nothing.
  const { plans, end } = planAll(system, paths, change)
  if (args.flag('dry-run')) {
    const runner = printer(system)
    // The plans are by what is there now: where something gets its name back, they would be others.
    const others = bringBack(system, runner)
      ? [{ reasons: [ASK_AGAIN], steps: [] }]
      : [...plans, end]
    for (const plan of others) runner.run(plan)
    return 0
  }
  return inTurn(system, CHANGING_KEPT, () => {
    bringBack(system, executor(system))
    return carryOut(system, planAll(system, paths, change))
  })
}

const MOVED_AWAY = 'moved away by a call that was cut off'
const ASK_AGAIN = 'what is to be done after that is planned when it is done: ask again then'

/** What one that was killed has moved away; whether there was any. */
function bringBack(system: System, runner: Runner): boolean {
  const { folder, mount } = probeState(system, probeMachine(system, probeNewRoot(system)))
  requireWritable(mount)
  const log = openLog(system)
  let isAny = false
  const attempt = (steps: readonly Step[]) => {
    isAny = true
    return failureOf(() => runner.run({ reasons: [MOVED_AWAY], steps }))
  }
  runner.run({ reasons: [], steps: giveBack(system, folder, { attempt, miss: log.warn }) })
  return isAny
}

function failureOf(work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ExpectedError) return error.message
    throw error
  }
}

function carryOut(system: System, { plans, end }: Planned): number {
  const runner = executor(system)
  const log = openLog(system)
  try {
    for (const plan of plans) runner.run(plan)
    runner.run({ reasons: [], steps: planRecord(system) })
  } catch (error) {
    if (error instanceof ExpectedError) runner.walkBack().forEach(log.warn)
    throw error
  }
  try {
    executor(system).run(end)
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    log.warn(error.message)
  }
  plans.flatMap(({ reasons }) => reasons).forEach(log.info)
  return 0
}

interface Planned {
  readonly plans: readonly Plan[]
  /** Once all has been done: what is taken back needs what is removed here. */
  readonly end: Plan
}

function planAll(system: System, paths: readonly string[], change: Change): Planned {
  const facts = probeMachine(system, probeNewRoot(system))
  let state = probeState(system, facts)
  requireWritable(state.mount)
  const wanted = paths.map((path) => probeWanted(system, state, makeAbsolute(system, '/', path)))
  const seen = new Set(state.mounts.map((mount) => droppedName(state, mount)))
  const plans = [planClean(state, (name) => seen.has(name))]
  const refusals: RefusedError[] = []
  for (const each of change.order(wanted)) {
    try {
      const planned = change.plan(state, each)
      plans.push(planned.plan)
      state = planned.state
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      refusals.push(error)
    }
  }
  const [first] = refusals
  if (first === undefined) return { plans, end: { reasons: [], steps: planCopyEnd(state) } }
  throw new RefusedError(refusals.map(({ message }) => message).join('\n'), first.hint)
}

/** What was copied is known now. */
function planRecord(system: System): Step[] {
  const state = probeState(system, probeMachine(system, probeNewRoot(system)))
  const facts = probeFilesRecord(system, state)
  return facts === undefined ? [] : planFilesRecord(state, facts)
}
