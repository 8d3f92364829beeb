import { UsageError } from '../errors.ts'
import { contains } from '../formats/mount-table.ts'
import { attempt } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'

/**
 * A path as the booted system names it: from the current folder on, where it is not absolute; in the initramfs one below
 * $NEWROOT is one of the root, too. Throws a UsageError for one that is empty.
 */
export function makeAbsolute(system: System, newRoot: string, path: string): string {
  if (path === '') throw new UsageError('a path is empty')
  const absolute = path.startsWith('/') ? path : `${currentFolder(system, path)}/${path}`
  if (newRoot === '/' || !contains(newRoot, absolute)) return absolute
  return absolute.slice(newRoot.length) || '/'
}

function currentFolder(system: System, path: string): string {
  const folder = attempt(() => system.readLink('/proc/self/cwd'), '')
  // A folder outside of the process's root is shown as "(unreachable)/...".
  if (folder.startsWith('/')) return folder
  throw new UsageError(`'${path}': the current folder is not known; give the whole path`)
}
