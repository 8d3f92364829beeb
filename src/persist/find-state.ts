import { RefusedError } from '../errors.ts'
import { findMount, type Mount } from '../formats/mount-table.ts'
import { STATE_FOLDER } from '../machine/places.ts'
import { isReadOnlyMount } from '../stateless/probe-paths.ts'

/**
 * The state file system: where a boot of ours mounts it, else at STATE_MOUNT, where the original does. Throws a
 * RefusedError where nothing is mounted at either.
 */
export function findStateMount(mounts: readonly Mount[], stateName: string): Mount {
  const mount = findMount(mounts, STATE_FOLDER) ?? findMount(mounts, stateName)
  if (mount !== undefined) return mount
  throw new RefusedError(
    `no state file system is mounted, neither at ${STATE_FOLDER} nor at ${stateName}`,
    'Name one by STATE_LABEL= in /etc/sysconfig/readonly-root, or in fstab, and boot with readonlyroot; see holdfast(8).',
  )
}

/** Throws a RefusedError where nothing can be written to the state file system. */
export function requireWritable(mount: Mount): void {
  if (!isReadOnlyMount(mount)) return
  throw new RefusedError(
    `the state file system, ${mount.source} at ${mount.mountPoint}, is mounted read-only`,
    `See in the kernel's log whether it has errors; else: mount -o remount,rw ${mount.mountPoint}`,
  )
}
