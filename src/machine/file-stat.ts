import type { FileStat } from './system.ts'

/** The fields of stat(2) as numbers, the same from Node and from qjs:machine; mtime and ctime in seconds. */
export interface RawStat {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly ino: number
  readonly nlink: number
  readonly dev: number
  readonly rdev: number
  readonly blocks: number
  readonly mtime: number
  readonly ctime: number
}

/** S_IFMT >> 12, from stat(2). */
const KINDS: Record<number, FileStat['kind']> = {
  1: 'fifo',
  2: 'character',
  4: 'directory',
  6: 'block',
  8: 'file',
  10: 'symlink',
  12: 'socket',
}

/** What stat(2) said, in the program's words. */
export function fileStat(raw: RawStat): FileStat {
  return {
    kind: KINDS[(raw.mode >> 12) & 15] ?? 'file',
    bytes: raw.size,
    mode: raw.mode & 0o7777,
    uid: raw.uid,
    gid: raw.gid,
    inode: raw.ino,
    links: raw.nlink,
    device: formatDeviceNumber(raw.dev),
    names: formatDeviceNumber(raw.rdev),
    modifiedSeconds: raw.mtime,
    changedSeconds: raw.ctime,
    allocatedSectors: raw.blocks,
  }
}

/**
 * A dev_t as "major:minor". Linux has 12 bits of major and 20 of minor (include/linux/kdev_t.h,
 * new_encode_dev): minor 0-7, major, minor 8-19.
 */
export function formatDeviceNumber(device: number): string {
  return `${(device >>> 8) & 0xfff}:${(device & 0xff) | ((device >>> 12) & 0xfff00)}`
}
