import { CommandError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { BlockDevice } from '../machine/facts.ts'
import { probeContent } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { formatWaiting, judgeClaims } from '../overlay/judge-holder.ts'
import type { Runner } from '../plan/runner.ts'
import type { Plan } from '../plan/step.ts'

interface Reaching {
  readonly system: System
  readonly runner: Runner
  readonly log: Log
}

/**
 * Carries out the plan by which a device is reached, and logs where that may take its time. Throws a RefusedError when
 * another host turns out to have it, a CommandError when it cannot be mounted for another reason.
 */
export function carryOutReach(
  { system, runner, log }: Reaching,
  name: string,
  { device }: { readonly device: BlockDevice },
  plan: Plan,
): void {
  const mounts = plan.steps.some(({ kind }) => kind === 'mount')
  const claim = mounts && !runner.dry ? device.content?.claim : undefined
  if (claim !== undefined) log.info(formatWaiting(name, claim))
  try {
    runner.run(plan)
  } catch (error) {
    if (claim === undefined || !(error instanceof CommandError)) throw error
    throw judgeClaims(name, device, probeContent(system, device.node)?.claim) ?? error
  }
}
