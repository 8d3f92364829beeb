import { ExpectedError } from '../errors.ts'
import { attempt } from '../machine/attempt.ts'
import type { Outcome } from '../overlay/outcome.ts'
import { EXECUTABLE, planMonitor } from '../overlay/plan-monitor.ts'
import type { Planning } from './planning.ts'

/** The executable with Node inside is a hundred times as large, and not worth so much RAM. */
const MOST_COPIED_BYTES = 10e6
/** Where systemd lies in a root; /run/systemd/system in one without it would be taken for its presence. */
const SYSTEMD = ['/usr/lib/systemd/systemd', '/lib/systemd/systemd']

/** Leaves the monitor for a root whose changes go to a store on a device. That it cannot be left is no reason not to boot. */
export function leaveMonitor(
  { system, runner, log, newRoot, givenFacts }: Planning,
  { mode, technology }: Outcome,
): void {
  if (mode !== 'persistent' || technology !== 'dm-snapshot') return
  const here = givenFacts === undefined
  // At a desk the usual is taken: the static executable, a root with systemd.
  const bytes = here ? attempt(() => system.stat(EXECUTABLE).bytes, 0) : 1
  if (bytes === 0 || bytes > MOST_COPIED_BYTES) return
  const withSystemd = !here || SYSTEMD.some((path) => system.exists(`${newRoot}${path}`))
  try {
    runner.run({
      reasons: ['the monitor makes the store larger before it is full'],
      steps: planMonitor(withSystemd),
    })
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    log.warn(`${error.message}, ignoring`)
  }
}
