import { CommandError, ExpectedError, RefusedError } from '../errors.ts'
import { openLog } from '../log.ts'
import { attempt } from '../machine/attempt.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import { probeOthers, probeOwnName } from '../machine/probe-turn.ts'
import type { System } from '../machine/system.ts'
import { judgeTurn, numberOfProcess } from '../machine/turn.ts'
import { executor, type Runner } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'

/** What only one process is to change at a time: where they put up their names, what they do, in words, and how long one waits for its turn. */
interface Turns {
  readonly folder: string
  readonly doing: string
  readonly longestWaitMs: number
}

export const CHANGING_KEPT = {
  folder: `${RECORD_FOLDER}/changing`,
  doing: 'is changing what is kept',
  longestWaitMs: 10_000,
} as const satisfies Turns

const LOOK_EVERY_MS = 50
/** Whoever waits longer than that is told for whom. */
const SILENT_MS = 1000

/**
 * Does work that no other process of holdfast does meanwhile: what the one has planned by, the other would have changed. Throws a
 * RefusedError where another one does not end in time. Whoever is killed lets go by that.
 */
export function inTurn<T>(system: System, turns: Turns, work: () => T): T {
  const { folder, longestWaitMs } = turns
  const mine = probeOwnName(system)
  const run = (...steps: Step[]) => executor(system).run({ reasons: [], steps })
  const takeDown = (name: string): Step => ({ kind: 'remove-file', path: `${folder}/${name}` })
  const putUp: Step = { kind: 'write-file', path: `${folder}/${mine}`, text: '' }
  run({ kind: 'make-directory', path: folder })
  const begun = system.monotonicMs()
  let tellAtMs = SILENT_MS
  for (;;) {
    run(putUp)
    const { alive, gone } = probeOthers(system, folder, mine)
    run(...gone.map(takeDown))
    const turn = judgeTurn(mine, alive)
    if (turn === 'go on') break
    const waitedMs = system.monotonicMs() - begun
    const isLast = waitedMs >= longestWaitMs
    if (isLast || turn === 'step back') run(takeDown(mine))
    if (isLast) throw new RefusedError(whoIs(turns, alive), 'Try again when it has ended.')
    if (waitedMs >= tellAtMs) {
      openLog(system).info(`${whoIs(turns, alive)}: waiting for it`)
      tellAtMs = Number.POSITIVE_INFINITY
    }
    system.sleep(LOOK_EVERY_MS)
  }
  try {
    return work()
  } finally {
    // A name that stays is in nobody's way as soon as its process has ended.
    attempt(() => run(takeDown(mine)), undefined)
  }
}

function whoIs({ doing }: Turns, alive: readonly string[]): string {
  return `another holdfast (process ${alive.map(numberOfProcess).join(', ')}) ${doing}`
}

/** To make a full store grow under the root takes many programs, on a slow machine half a minute. */
const AT_STORE = {
  folder: `${RECORD_FOLDER}/at-store`,
  doing: 'is at work on a store',
  longestWaitMs: 60_000,
} as const satisfies Turns

/**
 * Work on a store that is made, grown or recovered: two at once would copy, mount and rename over each other. What fails is taken
 * back before the next one has its turn. Who may not put up a name, because he is not root, takes no turns: what is his are
 * files of his own.
 */
export function changeStore<T>(system: System, runner: Runner, work: () => T): T {
  const whole = () => {
    try {
      return work()
    } catch (error) {
      if (error instanceof ExpectedError) runner.walkBack().forEach(openLog(system).warn)
      throw error
    }
  }
  return runner.dry || !mayPutUp(system, AT_STORE) ? whole() : inTurn(system, AT_STORE, whole)
}

function mayPutUp(system: System, { folder }: Turns): boolean {
  const path = `${folder}/${probeOwnName(system)}`
  try {
    const steps: Step[] = [
      { kind: 'make-directory', path: folder },
      { kind: 'write-file', path, text: '' },
    ]
    executor(system).run({ reasons: [], steps })
    return true
  } catch (error) {
    if (error instanceof CommandError && /EACCES|EPERM|EROFS/.test(error.message)) return false
    throw error
  }
}
