import { RefusedError } from '../errors.ts'
import { findMount, type Mount, mountsBelow } from '../formats/mount-table.ts'
import { type BlockDevice, type Facts, findDeviceByNumber } from '../machine/facts.ts'

/** The root that was mounted before us, and what hangs below it. */
export interface RootFacts {
  readonly mount: Mount
  /** The block device it is mounted from; undefined for NFS, tmpfs, an overlay. */
  readonly device: BlockDevice | undefined
  readonly below: readonly Mount[]
}

/** The root at facts.newRoot; undefined when nothing is mounted there. */
export function findRoot(facts: Facts): RootFacts | undefined {
  const mount = findMount(facts.mounts, facts.newRoot)
  if (mount === undefined) return undefined
  // btrfs gives its files a device number of their own.
  const device =
    findDeviceByNumber(facts, mount.device) ??
    facts.devices.find(({ node, links }) => node === mount.source || links.includes(mount.source))
  return { mount, device, below: mountsBelow(facts.mounts, facts.newRoot) }
}

/** The mounted root; throws a RefusedError when there is none. */
export function requireRoot(facts: Facts): RootFacts {
  const root = findRoot(facts)
  if (root !== undefined) return root
  throw new RefusedError(
    `no root is mounted at ${facts.newRoot}`,
    'holdfast boot runs in dracut pre-pivot, when the root is mounted.',
  )
}
