import { ExpectedError } from '../errors.ts'
import type { Facts } from '../machine/facts.ts'
import { planRunFolder } from '../overlay/plan-run-folder.ts'
import type { Planning } from './planning.ts'

/** Lets programs be run from /run, where what was made needs that later. That it cannot be done is no reason not to boot. */
export function openRunFolder({ runner, log }: Planning, { mounts }: Facts): void {
  const steps = planRunFolder(mounts)
  if (steps.length === 0) return
  try {
    runner.run({ reasons: ['from /run the monitor runs, and the shutdown'], steps })
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    log.warn(`${error.message}, ignoring`)
  }
}
