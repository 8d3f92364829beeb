import { contains } from '../formats/mount-table.ts'

/** What switch_root(8) and systemd carry from the initramfs into the root. */
const CARRIED = ['/dev', '/proc', '/sys', '/run']
/** Gone at every boot, as everybody expects. */
const VOLATILE = [...CARRIED, '/tmp']

/** Where a path of the booted system is seen from here. */
export function seenAt(newRoot: string, path: string): string {
  if (newRoot === '/' || CARRIED.some((folder) => contains(folder, path))) return path
  return path === '/' ? newRoot : `${newRoot}${path}`
}

/** A path that is seen from here, as the booted system names it; undefined where it will not be seen there. */
export function nameInside(newRoot: string, path: string): string | undefined {
  if (newRoot === '/' || CARRIED.some((folder) => contains(folder, path))) return path
  if (!contains(newRoot, path)) return undefined
  return path.slice(newRoot.length) || '/'
}

/** Whether a path of the booted system is volatile by design, whatever is mounted there. */
export function isVolatile(path: string): boolean {
  return VOLATILE.some((folder) => contains(folder, path))
}
