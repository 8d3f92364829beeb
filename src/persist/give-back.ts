import { attempt } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'
import type { Step } from '../plan/step.ts'
import { isLost, probeReplaced } from './probe-replaced.ts'
import { planReturn, planReturnEnd, REPLACED_FOLDER } from './replaced.ts'

/** How a boot, or a command, does it. */
export interface Giving {
  /** Does all of the steps, or nothing, and gives the reason. */
  attempt(steps: readonly Step[]): string | undefined
  miss(text: string): void
}

/**
 * Gives what a power cut has left without a name its name again, each for itself; the steps that are to follow. What cannot be
 * done is said, and set aside by them: it is no reason to fail each time, and may be the only version.
 */
export function giveBack(system: System, folder: string, giving: Giving): Step[] {
  const moved = probeReplaced(system, folder)
  if (moved === undefined) return []
  let left: string | undefined
  for (const each of moved) {
    // By now its name may have been given to another one, or lie behind a link.
    if (!isLost(system, folder, each.path)) continue
    const why = giving.attempt(planReturn(folder, each))
    if (why === undefined) continue
    giving.miss(`${each.path}: ${why}`)
    left ??= freeName(system, folder)
  }
  if (left !== undefined)
    giving.miss(`what has not got its name back is in ${left} of the state file system`)
  return planReturnEnd(folder, left)
}

function freeName(system: System, folder: string): string {
  for (let number = 1; ; number++) {
    const name = `${REPLACED_FOLDER}-${number}`
    if (attempt(() => system.lstat(`${folder}/${name}`), undefined) === undefined) return name
  }
}
