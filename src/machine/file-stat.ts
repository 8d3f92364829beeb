import type { FileStat } from './system.ts'

/** The fields of stat(2) as numbers, the same from Node and from qjs:machine; mtime in seconds. */
export interface RawStat {
  readonly mode: number
  readonly size: number
  readonly ino: number
  readonly nlink: number
  readonly dev: number
  readonly rdev: number
  readonly blocks: number
  readonly mtime: number
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
    inode: raw.ino,
    links: raw.nlink,
    device: formatDeviceNumber(raw.dev),
    names: formatDeviceNumber(raw.rdev),
    modifiedSeconds: raw.mtime,
    allocatedSectors: raw.blocks,
  }
}

/**
 * A dev_t as "major:minor". Bits as makedev(3) lays them: minor 0-7 and 20-31, major 8-19 and 32-43;
 * numbers in JavaScript hold them all, its bit operators only the lower 32.
 */
export function formatDeviceNumber(device: number): string {
  const low = device % 2 ** 32
  const high = Math.floor(device / 2 ** 32)
  const major = high * 2 ** 12 + ((low >>> 8) & 0xfff)
  const minor = (low >>> 20) * 2 ** 8 + (low & 0xff)
  return `${major}:${minor}`
}
