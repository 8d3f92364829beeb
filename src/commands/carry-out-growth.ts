import { CommandError } from '../errors.ts'
import type { Growth } from '../overlay/plan-grow.ts'
import type { Runner } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'

/**
 * Makes a store longer by `plan`, which gets the growth as the file system can do it: by writing zeros where it cannot
 * preallocate (vfat). Throws a CommandError when it cannot be done.
 */
export function carryOutGrowth(
  runner: Runner,
  reasons: readonly string[],
  growth: Growth,
  plan: (growth: Growth) => Step[],
): void {
  try {
    runner.run({ reasons, steps: plan(growth) })
  } catch (error) {
    const lacks = error instanceof CommandError && /not supported/i.test(error.message)
    if (!lacks || growth.allocation === 'zeros' || growth.fromBytes === 0) throw error
    runner.run({ reasons, steps: plan({ ...growth, allocation: 'zeros' }) })
  }
}
