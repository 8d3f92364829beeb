import type { FileStat } from '../../machine/system.ts'

/** Documentation/filesystems/overlayfs.rst: a character device with the number 0/0. */
export function isWhiteout({ kind, names }: FileStat): boolean {
  return kind === 'character' && names === '0:0'
}
