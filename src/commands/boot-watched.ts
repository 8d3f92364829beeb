import { CommandError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { HOLDER_FOLDER, RECORD_FILE, SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import { probeMachine } from '../machine/probe.ts'
import type { Shortfall } from '../overlay/outcome.ts'
import type { Step } from '../plan/step.ts'
import type { Planning } from './planning.ts'

/** With all that was asked for, without the store or what keeps state, without either. */
const MOST_TRIES = 3

/**
 * Boots, and does not hang on a disk that no longer answers: that takes the process along that waits for it, and another
 * one boots without what lies there, as for a device that is not there. Throws a CommandError where not even that
 * comes to an end; the root is left as it is then.
 */
export function bootWatched(asked: Planning, boot: (planning: Planning) => number): number {
  const { system } = asked
  let planning = asked
  for (let tries = 0; ; tries++) {
    const watch = system.watch()
    if (watch.kind === 'working') return boot(planning)
    if (watch.kind === 'ended') return watch.status
    const short = { why: `'${watch.path}' no longer answers`, hint: HINT }
    asked.log.warn(`${short.why}: going on without it`)
    if (tries + 1 === MOST_TRIES) throw new CommandError(`Failed to boot: ${short.why}`, [])
    planning = without(planning, short)
  }
}

const HINT = 'Look after its disk, or its server and the way to it.'

/** The root is made first: where that was over, it was what keeps state that did not answer. */
function without(planning: Planning, short: Shortfall): Planning {
  const { system, config } = planning
  if (system.exists(RECORD_FILE)) {
    letGo(planning, [STATE_FOLDER, SCRATCH_FOLDER])
    return { ...planning, lostState: short }
  }
  letGo(planning, [HOLDER_FOLDER])
  const overlay = { ...config.overlay, store: { kind: 'unusable', ...short } as const }
  return { ...planning, config: { ...config, overlay } }
}

/** Nobody who looks there later is to wait in turn. */
function letGo({ system, runner, newRoot }: Planning, folders: readonly string[]): void {
  const { mounts } = probeMachine(system, newRoot)
  const mounted = folders.filter((at) => findMount(mounts, at))
  const steps = mounted.map((at): Step => ({ kind: 'unmount', at, restore: undefined, lazy: true }))
  runner.run({ reasons: [], steps })
}
