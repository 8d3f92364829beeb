import { findMount, type Mount, mountOf } from '../formats/mount-table.ts'
import { STATE_FOLDER } from '../machine/places.ts'
import { viewOf } from '../machine/resolve-inside.ts'
import type { ListedPath, StatelessOutcome } from './stateless-outcome.ts'

/**
 * The paths over which nothing is mounted any more. The kernel detaches the mount on a file when somebody renames or removes the
 * file in a mount namespace where it is not mounted, and says nothing.
 */
export function findDetached(
  outcome: StatelessOutcome,
  mounts: readonly Mount[],
  newRoot: string,
): ListedPath[] {
  const root = viewOf(newRoot)
  const stateDevice = findMount(mounts, STATE_FOLDER)?.device
  const points = new Set(mounts.map(({ mountPoint }) => mountPoint))
  return [...outcome.volatile, ...outcome.kept].filter(
    ({ mode, path }) =>
      mode === 'bind' &&
      !points.has(root(path)) &&
      // Persisting a folder above it has made it a part of that.
      (stateDevice === undefined || mountOf(mounts, root(path))?.device !== stateDevice),
  )
}
