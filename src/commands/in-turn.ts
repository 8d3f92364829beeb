import { RefusedError } from '../errors.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import type { System } from '../machine/system.ts'
import { probeOthers, probeOwnName } from '../persist/probe-turn.ts'
import { judgeTurn, numberOfProcess } from '../persist/turn.ts'
import { executor } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'

const FOLDER = `${RECORD_FOLDER}/changing`
const LOOK_EVERY_MS = 50
const LONGEST_WAIT_MS = 10_000

/**
 * Does work that no other process of holdfast does meanwhile: what the one has planned by, the other would have changed. Throws a
 * RefusedError where another one does not end within 10 s. Whoever is killed lets go by that.
 */
export function inTurn<T>(system: System, work: () => T): T {
  const mine = probeOwnName(system)
  const run = (...steps: Step[]) => executor(system).run({ reasons: [], steps })
  const takeDown = (name: string): Step => ({ kind: 'remove-file', path: `${FOLDER}/${name}` })
  const putUp: Step = { kind: 'write-file', path: `${FOLDER}/${mine}`, text: '' }
  run({ kind: 'make-directory', path: FOLDER })
  const last = system.monotonicMs() + LONGEST_WAIT_MS
  for (;;) {
    run(putUp)
    const { alive, gone } = probeOthers(system, FOLDER, mine)
    run(...gone.map(takeDown))
    const turn = judgeTurn(mine, alive)
    if (turn === 'go on') break
    const isLast = system.monotonicMs() >= last
    if (isLast || turn === 'step back') run(takeDown(mine))
    if (isLast) throw refusal(alive)
    system.sleep(LOOK_EVERY_MS)
  }
  try {
    return work()
  } finally {
    run(takeDown(mine))
  }
}

function refusal(alive: readonly string[]): RefusedError {
  const who = alive.map(numberOfProcess).join(', ')
  return new RefusedError(
    `another holdfast (process ${who}) is changing what is kept`,
    'Try again when it has ended.',
  )
}
