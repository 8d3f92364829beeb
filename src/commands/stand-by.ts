import { ExpectedError } from '../errors.ts'
import type { Log } from '../log.ts'
import { probeMounts } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { APART_PROGRAMS, planEmptying, planFilling } from '../overlay/plan-apart.ts'
import { probePrograms } from '../overlay/probe-programs.ts'
import { executor } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import { isPrepared } from './grow-attached.ts'

/** After it has failed. */
const REST_MS = 30_000

/**
 * What a growth needs while the root is suspended is brought into RAM before there is need, for that takes longer than the
 * growth. Told whether it is to be there; what goes wrong is said once, and tried again later.
 */
export type StandBy = (wanted: boolean) => void

/** What a monitor before has left there is used, and let go in the end. */
export function openStandBy(system: System, log: Log): StandBy {
  let there: boolean | undefined
  let tryAt = 0
  let said = ''

  const carryOut = (wanted: boolean) => {
    const runner = executor(system)
    try {
      runner.run({ reasons: [], steps: wanted ? fill(system) : planEmptying() })
    } catch (error) {
      runner.walkBack()
      throw error
    }
  }

  return (wanted) => {
    there ??= isPrepared(system)
    if (there === wanted || system.monotonicMs() < tryAt) return
    try {
      carryOut(wanted)
      there = wanted
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      tryAt = system.monotonicMs() + REST_MS
      if (error.message !== said) log.warn(`${error.message}, trying again`)
      said = error.message
    }
  }
}

function fill(system: System): Step[] {
  const mounts = probeMounts(system)
  return planFilling(probePrograms(system, APART_PROGRAMS), mounts)
}
