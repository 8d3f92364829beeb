import { CommandError, DEGRADED, RefusedError } from '../errors.ts'
import { openLog } from '../log.ts'
import { isInitramfs, probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { isStateFolder, planTakeDown } from '../overlay/plan-take-down.ts'
import { executor, printer } from '../plan/runner.ts'
import type { Args, Command } from './command.ts'
import { harvestAtShutdown } from './harvest-at-shutdown.ts'

/** A healthy step takes milliseconds. No step begins after the deadline: five seconds are the most in all. */
const STEP_TIMEOUT_MS = 2_000
const DEADLINE_MS = 3_000

/*
 * Before: the root has been unmounted (dracut's /shutdown runs); the snapshot, its loops and the file systems of store
 * and medium are still there. After: nothing of it is, and the persistence device's file system is clean.
 */
export const shutdown: Command = {
  name: 'shutdown',
  summary: 'Take down what was made at boot, so that the persistence device is left clean',
  options: {
    'dry-run': { kind: 'flag', summary: 'Print the plan as a sh script and change nothing' },
  },
  examples: [
    ['holdfast shutdown --dry-run', 'see what would be taken down, in which order'],
    ['holdfast shutdown', "what dracut's shutdown hook runs"],
  ],
  run: runShutdown,
}

/** Goes on after a failed step: the rest may still be saved. */
function runShutdown(system: System, args: Args): number {
  const dry = args.flag('dry-run')
  if (!dry && !isInitramfs(system)) {
    throw new RefusedError(
      'the system is still running from what would be taken down',
      "dracut's shutdown hook runs this by itself; see the plan with --dry-run.",
    )
  }
  const log = openLog(system)
  const runner = dry ? printer(system) : executor(system, STEP_TIMEOUT_MS)
  const deadline = system.monotonicMs() + DEADLINE_MS
  let failed = false
  let harvested = false
  for (const step of planTakeDown(probeMachine(system, '/'))) {
    if (step.kind === 'unmount' && isStateFolder(step.at) && !harvested) {
      harvested = true
      harvestAtShutdown(system, runner, log, step.at)
    }
    if (system.monotonicMs() > deadline) {
      log.warn('no time is left to take down the rest, ignoring')
      return DEGRADED
    }
    try {
      runner.run({ reasons: [], steps: [step] })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      log.warn(`${error.message}, ignoring`)
      failed = true
    }
  }
  return failed ? DEGRADED : 0
}
