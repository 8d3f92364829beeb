import { attempt } from '../machine/attempt.ts'
import { type BlockDevice, type Facts, findDeviceByDmName } from '../machine/facts.ts'
import type { System } from '../machine/system.ts'
import { readBaseIdentity, type SeenBase } from './base-identity.ts'
import { READ_ONLY_TYPES } from './plan-overlayfs.ts'
import { ROOT_DM } from './plan-snapshot.ts'
import { findRoot, type RootFacts } from './root-facts.ts'

/** A base that can be seen on this machine. */
export interface BaseHere {
  readonly node: string
  readonly identity: SeenBase
}

/**
 * The base of this machine: live-base, or what its root's snapshot stands on, or a root that is mounted read-only;
 * undefined where there is none, or it cannot be read. A root that is written to is no base. Changes nothing.
 */
export function probeBaseHere(system: System, facts: Facts): BaseHere | undefined {
  const device = findBase(facts)
  if (device === undefined) return undefined
  const { node, sectors } = device
  const read = (offset: number, length: number) => system.readBytes(node, offset, length)
  const identity = attempt(() => readBaseIdentity(read, sectors), undefined)
  return identity && { node, identity }
}

function findBase(facts: Facts): BlockDevice | undefined {
  const live = findDeviceByDmName(facts, 'live-base')
  if (live !== undefined) return live
  const snapshot = findDeviceByDmName(facts, ROOT_DM)
  if (snapshot !== undefined) return findOrigin(facts, snapshot)
  return findReadOnlyRoot(facts)?.device
}

function findReadOnlyRoot(facts: Facts): RootFacts | undefined {
  const root = findRoot(facts)
  return root?.mount.superOptions.includes('ro') ? root : undefined
}

/**
 * The length in sectors of the base that stores for this machine stand on: that of live-base, of the root's snapshot, or
 * of a root that is mounted read-only; undefined where there is none that could be the origin of a snapshot.
 */
export function findBaseSectors(facts: Facts): number | undefined {
  const made = findDeviceByDmName(facts, 'live-base') ?? findDeviceByDmName(facts, ROOT_DM)
  if (made !== undefined) return made.sectors
  const root = findReadOnlyRoot(facts)
  if (root === undefined) return undefined
  const { fsType, root: folder } = root.mount
  return folder === '/' && !READ_ONLY_TYPES.includes(fsType) ? root.device?.sectors : undefined
}

/** Of what a snapshot stands on, the store is a loop device; the base is not, or it has been found as live-base. */
function findOrigin(facts: Facts, { slaves }: BlockDevice): BlockDevice | undefined {
  const below = facts.devices.find(({ name, loop }) => slaves.includes(name) && loop === undefined)
  return below === undefined || below.dm === undefined ? below : findOrigin(facts, below)
}
