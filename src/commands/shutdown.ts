import { CommandError, DEGRADED, RefusedError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { openLog } from '../log.ts'
import type { Facts } from '../machine/facts.ts'
import { isInitramfs, probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { isStateFolder, planTakeDown } from '../overlay/plan-take-down.ts'
import { isGivenUp, takeDownLimitMs } from '../overlay/take-down-limits.ts'
import { executor, printer } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import type { Args, Command } from './command.ts'
import { harvestAtShutdown } from './harvest-at-shutdown.ts'

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
  const facts = probeMachine(system, '/')
  const start = system.monotonicMs()
  const silent = new Set<string | undefined>()
  const limitOf = (step: Step) => {
    const isSilent = silent.has(fileSystemOf(facts, step))
    return takeDownLimitMs(step, { totalMs: system.monotonicMs() - start, isSilent })
  }
  const runner = dry ? printer(system) : executor(system, (step) => Math.max(limitOf(step), 1))
  let failed = false
  let harvested = false
  for (const step of planTakeDown(facts)) {
    if (limitOf(step) === 0) {
      log.warn('no time is left to take down the rest, ignoring')
      return DEGRADED
    }
    if (step.kind === 'unmount' && isStateFolder(step.at) && !harvested) {
      harvested = true
      harvestAtShutdown(system, runner, log, step.at)
    }
    const begun = system.monotonicMs()
    try {
      runner.run({ reasons: [], steps: [step] })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      log.warn(`${error.message}, ignoring`)
      failed = true
      const on = fileSystemOf(facts, step)
      if (on !== undefined && isGivenUp(system.monotonicMs() - begun)) silent.add(on)
    }
  }
  return failed ? DEGRADED : 0
}

/** By the number of its device; undefined for a step that is for none. */
function fileSystemOf({ mounts }: Facts, step: Step): string | undefined {
  return step.kind === 'unmount' ? findMount(mounts, step.at)?.device : undefined
}
