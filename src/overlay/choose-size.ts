import { RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { exceptionsPerArea } from '../formats/cow-store.ts'
import { neverOverflowBytes, orderlyBytes } from '../formats/never-overflow.ts'
import { grownBytes, HOLDER_MARGIN_BYTES, isLongest, type Room } from './growth.ts'
import { LONGEST_ON_FAT } from './longest-file.ts'

/**
 * The length in bytes that a store is to grow to, in whole chunks: what was asked; else as much as its base can ever need,
 * or as its device has room for. Throws a RefusedError when it would shrink, when it does not fit, or when
 * nothing was asked and nothing is known of the base.
 */
export function chooseGrownBytes(room: Room, askedBytes: number | undefined): number {
  if (askedBytes !== undefined) return judgeAsked(room, askedBytes)
  if (room.baseSectors !== undefined) return grownBytes(room, Number.POSITIVE_INFINITY)
  throw new RefusedError(
    'the store has no record of its base, from which the size could be told',
    'Say how large it is to be: --size 2G.',
  )
}

function judgeAsked(room: Room, askedBytes: number): number {
  const { bytes, chunkSectors, holderFreeBytes, longestBytes = Number.POSITIVE_INFINITY } = room
  if (askedBytes < bytes) {
    throw new RefusedError(
      `the store has ${formatBytes(bytes)}, and ${formatBytes(askedBytes)} were asked for: a store never shrinks`,
      'Ask for more with --size. To have a smaller one, make another with: holdfast create',
    )
  }
  if (askedBytes > bytes && askedBytes > longestBytes) throw refuseLongest(askedBytes)
  if (askedBytes - bytes > Math.max(0, holderFreeBytes - HOLDER_MARGIN_BYTES)) {
    throw new RefusedError(
      `${formatBytes(askedBytes)} do not fit: the store has ${formatBytes(bytes)}, and ${formatBytes(holderFreeBytes)} are free`,
      'Ask for less with --size, or make room on the device.',
    )
  }
  return Math.max(bytes, orderlyBytes(askedBytes, chunkSectors))
}

/** For a length that no file on its file system can have. */
export function refuseLongest(askedBytes: number): RefusedError {
  return new RefusedError(
    `${formatBytes(askedBytes)} do not fit: ${LONGEST_ON_FAT}`,
    'Ask for less with --size, or have the store on another file system.',
  )
}

type Length = Pick<Room, 'bytes' | 'chunkSectors' | 'baseSectors' | 'longestBytes'>

/** How much of its base can change before a store of that length is full, in words. */
export function formatShare(length: Length): string {
  const { bytes, chunkSectors, baseSectors } = length
  if (baseSectors === undefined) return 'the size of its base is not known'
  if (bytes >= neverOverflowBytes(baseSectors, chunkSectors)) return 'it cannot overflow'
  const perArea = exceptionsPerArea(chunkSectors)
  const dataChunks = ((bytes / 512 / chunkSectors - 2) * perArea) / (perArea + 1)
  const why = isLongest(length) ? `, for ${LONGEST_ON_FAT}` : ''
  return `${Math.floor((dataChunks * chunkSectors * 100) / baseSectors)} % of the base may change${why}`
}
