import { RefusedError } from '../errors.ts'
import { findMount, type Mount } from '../formats/mount-table.ts'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import { judgeJournal, judgeUse } from '../overlay/judge-holder.ts'
import { planCheck } from '../overlay/plan-check.ts'
import type { Step } from '../plan/step.ts'
import type { FoundSource } from './probe-sources.ts'
import type { Settings } from './settings.ts'

const ELSEWHERE = 'Name another file system, or leave scratch to RAM.'

/** The root, and what is mounted. */
export interface Surroundings {
  readonly root: Mount
  readonly mounts: readonly Mount[]
}

/** The same, and what may keep state: what scratch must not be taken from. */
export interface Neighbours extends Surroundings {
  readonly state: readonly FoundSource[]
}

/**
 * Mounts a file system for scratch and wipes it, as the original does at each boot. Throws a RefusedError where that
 * would destroy something: it is mounted elsewhere, something stands on it, or it is where state is kept.
 */
export function planScratchMount(found: FoundSource, around: Neighbours): Step[] {
  const why = whyNotWiped(found, around)
  if (why !== undefined) {
    throw new RefusedError(`${found.source.name} ${why}, and would be wiped`, ELSEWHERE)
  }
  return [...planMount(found, SCRATCH_FOLDER), { kind: 'empty-folder', path: SCRATCH_FOLDER }]
}

function whyNotWiped(
  { source, device, folder }: FoundSource,
  around: Neighbours,
): string | undefined {
  const { root, mounts, state } = around
  if (state.some((other) => isSame(other, { source, device, folder })))
    return 'is where state is kept'
  if (folder !== undefined) {
    if (folder.mount.device === root.device) return 'is a folder of the root'
    return findMount(mounts, folder.at) === undefined ? 'is no file system of its own' : undefined
  }
  const inUse = device && mounts.find((mount) => mount.device === device.number)
  if (inUse !== undefined) return `is mounted at ${inUse.mountPoint}`
  const [holder] = device?.holders ?? []
  return holder === undefined ? undefined : `is a part of ${holder}`
}

/** Whether two sources are one file system; every tmpfs is one of its own. */
function isSame(one: FoundSource, other: FoundSource): boolean {
  if (one.device !== undefined) return one.device.number === other.device?.number
  if (one.folder !== undefined) return one.folder.mount.device === other.folder?.mount.device
  return one.source.type !== 'tmpfs' && one.source.source === other.source.source
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

/**
 * Mounts the file system that keeps state, after a check where its superblock asks for one; no device node on it is of any
 * use. Throws a RefusedError for the root's own, and for a device that cannot be written to, or that another host has.
 */
export function planStateMount(found: FoundSource, { root, mounts }: Surroundings): Step[] {
  const { device, source } = found
  const steps = planMount(found, STATE_FOLDER, ['nodev'])
  if (device === undefined) return steps
  if (device.number === root.device) {
    throw new RefusedError(
      `${source.name} holds the root itself`,
      'State is kept on another file system.',
    )
  }
  // The store lies on it, too: it has been looked at, and is in use.
  if (mounts.some((mount) => mount.device === device.number)) return steps
  const readOnly = source.options.includes('ro')
  judgeUse(source.name, device, readOnly, '')
  judgeJournal(source.name, device)
  return [...(readOnly ? [] : planCheck(device)), ...steps]
}

function planMount(
  { device, source, folder }: FoundSource,
  at: string,
  more: readonly string[] = [],
): Step[] {
  const make: Step = { kind: 'make-directory', path: at }
  if (folder !== undefined) {
    // A remount takes away what it does not name.
    const asWas = folder.mount.options.filter((option) => option !== 'rw')
    const mode = source.options.filter((option) => option === 'ro')
    const options = ['bind', ...new Set([...asWas, ...mode, ...more])].join()
    return [
      make,
      { kind: 'bind-mount', from: folder.at, at, apart: true },
      { kind: 'remount', at, options, before: ['bind', ...asWas].join() },
    ]
  }
  const type = source.type === 'auto' ? (device?.content?.type ?? 'auto') : source.type
  const mode = source.options.includes('ro') ? [] : ['rw']
  const options = [...mode, ...source.options.filter((option) => option !== 'rw'), ...more]
  return [make, { kind: 'mount', device: device?.node ?? source.source, at, type, options }]
}
