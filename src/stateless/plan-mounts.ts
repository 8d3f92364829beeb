import { RefusedError } from '../errors.ts'
import type { Mount } from '../formats/mount-table.ts'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import type { MountStep, Step } from '../plan/step.ts'
import type { FoundSource } from './probe-sources.ts'
import type { Settings } from './settings.ts'

const ELSEWHERE = 'Name another file system, or leave scratch to RAM.'

/**
 * Mounts a file system for scratch and wipes it, as the original does at each boot. Throws a RefusedError where that
 * would destroy something: it is mounted, something stands on it, or it is where state is kept.
 */
export function planScratchMount(
  found: FoundSource,
  mounts: readonly Mount[],
  state: readonly FoundSource[],
): Step[] {
  const { device, source } = found
  const inUse = device && mounts.find((mount) => mount.device === device.number)
  const isState = state.some(
    (other) =>
      other.source.source === source.source ||
      (device !== undefined && other.device?.number === device.number),
  )
  if (inUse !== undefined) {
    throw new RefusedError(
      `${source.name} is mounted at ${inUse.mountPoint}, and would be wiped`,
      ELSEWHERE,
    )
  }
  if (isState)
    throw new RefusedError(`${source.name} is where state is kept, and would be wiped`, ELSEWHERE)
  if (device !== undefined && device.holders.length > 0) {
    throw new RefusedError(
      `${source.name} is a part of ${device.holders[0]}, and would be wiped`,
      ELSEWHERE,
    )
  }
  return [...planMount(found, SCRATCH_FOLDER), { kind: 'empty-folder', path: SCRATCH_FOLDER }]
}

/** Scratch in RAM: a tmpfs with the options that RW_OPTIONS has for it. */
export function planScratchInRam({ scratchArguments }: Settings): Step[] {
  const options = ['mode=0755', ...scratchArguments.options]
  const type = scratchArguments.type ?? 'tmpfs'
  return [
    { kind: 'make-directory', path: SCRATCH_FOLDER },
    { kind: 'mount', device: 'holdfast-scratch', at: SCRATCH_FOLDER, type, options },
  ]
}

/** Mounts the file system that keeps state. Throws a RefusedError when it is the root's own. */
export function planStateMount(found: FoundSource, root: Mount): Step[] {
  if (found.device !== undefined && found.device.number === root.device) {
    throw new RefusedError(
      `${found.source.name} holds the root itself`,
      'State is kept on another file system.',
    )
  }
  return planMount(found, STATE_FOLDER)
}

function planMount({ device, source }: FoundSource, at: string): Step[] {
  const type = source.type === 'auto' ? (device?.content?.type ?? 'auto') : source.type
  const options = source.options.includes('ro') ? source.options : ['rw', ...source.options]
  const mount: MountStep = {
    kind: 'mount',
    device: device?.node ?? source.source,
    at,
    type,
    options,
  }
  return [{ kind: 'make-directory', path: at }, mount]
}
