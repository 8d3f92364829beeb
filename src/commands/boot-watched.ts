import { CommandError } from '../errors.ts'
import { type Mount, mountsBelow } from '../formats/mount-table.ts'
import { tryText } from '../machine/attempt.ts'
import {
  FILES_SOURCE,
  HOLDER_FOLDER,
  RECORD_FILE,
  SCRATCH_FOLDER,
  STATE_FOLDER,
} from '../machine/places.ts'
import { probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
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
  const recordBefore = readRecord(system)
  let planning = asked
  for (let tries = 0; ; tries++) {
    const watch = system.watch()
    if (watch.kind === 'working') return boot(planning)
    if (watch.kind === 'ended') return watch.status
    const short = { why: `'${watch.path}' no longer answers`, hint: HINT }
    asked.log.warn(`${short.why}: going on without it`)
    if (tries + 1 === MOST_TRIES) throw new CommandError(`Failed to boot: ${short.why}`, [])
    planning = without(planning, short, recordBefore)
  }
}

const HINT = 'Look after its disk, or its server and the way to it.'

/** Of what is asked for, what did not answer goes: the store, as long as the root is not made, or else what keeps state. */
function without(planning: Planning, short: Shortfall, recordBefore: string): Planning {
  const { system, config, newRoot } = planning
  const { mounts } = probeMachine(system, newRoot)
  // That the root is made is in the record: this one, not that of a run before the emergency shell.
  if (config.overlay.store.kind !== 'persistent' || readRecord(system) !== recordBefore) {
    letGo(planning, mountsOfState(mounts, newRoot))
    return { ...planning, lostState: short }
  }
  letGo(
    planning,
    mounts.filter(({ mountPoint }) => mountPoint === HOLDER_FOLDER),
  )
  const overlay = { ...config.overlay, store: { kind: 'unusable', ...short } as const }
  return { ...planning, config: { ...config, overlay } }
}

/** State and scratch, and what the root shows of them; the last first. */
function mountsOfState(mounts: readonly Mount[], newRoot: string): Mount[] {
  const backing = mounts.filter(({ mountPoint }) => BACKING.includes(mountPoint))
  const devices = backing.map(({ device }) => device)
  const shown = mountsBelow(mounts, newRoot).filter(
    ({ device, source }) => devices.includes(device) || source === FILES_SOURCE,
  )
  return [...backing, ...shown].reverse()
}

const BACKING = [SCRATCH_FOLDER, STATE_FOLDER]

/** Nobody who looks there later is to wait in turn. One that went with a mount above it is gone, too. */
function letGo({ runner, log }: Planning, mounts: readonly Mount[]): void {
  for (const { mountPoint } of mounts) {
    const step: Step = { kind: 'unmount', at: mountPoint, restore: undefined, lazy: true }
    try {
      runner.run({ reasons: [], steps: [step] })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      log.info(`${error.message}, ignoring`)
    }
  }
}

function readRecord(system: System): string {
  return tryText(system, RECORD_FILE)
}
