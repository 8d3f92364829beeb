import type { System } from '../machine/system.ts'
import { apply, type LimitMs, newJournal } from './apply.ts'
import { formatPlan } from './print.ts'
import type { Plan } from './step.ts'
import { walkBack } from './walk-back.ts'

/** Carries plans out, or prints them: commands plan the same way for both. */
export interface Runner {
  /** Whether plans are only printed, so that what an earlier plan would have made is not there. */
  readonly dry: boolean
  /** Throws a CommandError at the first step that fails. */
  run(plan: Plan): void
  /** Takes back what was carried out, last first; a sentence for each step that could not be. */
  walkBack(): string[]
}

/** Carries plans out; a program that outlives its limit (milliseconds, for all or for each step) is killed. `heard` gets what programs tell of their work. */
export function executor(
  system: System,
  limit?: number | LimitMs,
  heard?: (text: string) => void,
): Runner {
  const journal = newJournal(limit, heard)
  return {
    dry: false,
    run: (plan) => apply(system, plan, journal),
    walkBack: () => walkBack(system, journal),
  }
}

/** Prints the plans as one sh script on standard output; like the executor it ends at the first step that fails. */
export function printer(system: System): Runner {
  let begun = false
  return {
    dry: true,
    run(plan) {
      const first = !begun && plan.steps.length > 0
      begun ||= first
      system.print('stdout', `${first ? 'set -e\n' : ''}${formatPlan(plan)}`)
    },
    walkBack: () => [],
  }
}
