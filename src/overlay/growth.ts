import { neverOverflowBytes, orderlyBytes } from '../formats/never-overflow.ts'

/** A store, and what it can grow to. */
export interface Room {
  readonly bytes: number
  readonly usedBytes: number
  readonly chunkSectors: number
  /** undefined where the base is not known: then only the holder sets a limit. */
  readonly baseSectors: number | undefined
  /** What is free on the file system that the store lies on. */
  readonly holderFreeBytes: number
  /** The most that a file can have there; undefined where that is no limit. */
  readonly longestBytes?: number | undefined
}

/** What the holder keeps for its own tables, and for the record beside the store. */
export const HOLDER_MARGIN_BYTES = 4 << 20
/** What a store has to have free to be written to: the journal of the root's file system is replayed into it. */
export const LEAST_FREE_BYTES = 4 << 20

/** What a boot has free, where the device has room: one of a small system writes some 16 MiB before anything else can look after the store. */
export const BOOT_FREE_BYTES = 64 << 20
/** A growth of less is not worth the trouble. */
export const LEAST_GROWTH_BYTES = 1 << 20

/** Whether so little is free that the store may not be written to; of a small one a quarter has to be free. */
export function isNearlyFull(room: Room): boolean {
  return hasLess(room, Math.min(LEAST_FREE_BYTES, room.bytes / 4))
}

/**
 * Whether less is free than a boot is to have. A store that was made small stays small as long as half of it is free:
 * whoever made it knows what his boots write.
 */
export function isShortForBoot(room: Room): boolean {
  return hasLess(room, Math.min(BOOT_FREE_BYTES, room.bytes / 2))
}

/** Never of a store that cannot overflow. */
function hasLess({ bytes, usedBytes, chunkSectors, baseSectors }: Room, leastBytes: number) {
  const isEnough =
    baseSectors !== undefined && bytes >= neverOverflowBytes(baseSectors, chunkSectors)
  return !isEnough && bytes - usedBytes < leastBytes
}

/**
 * The length in bytes at which `wantedFreeBytes` of the store are free: no more than the base can ever need, nor than
 * the holder has room for, nor a file there can have, in whole chunks; and never less than it has.
 */
export function grownBytes(room: Room, wantedFreeBytes: number): number {
  const { bytes, usedBytes, chunkSectors, baseSectors, holderFreeBytes } = room
  const { longestBytes = Number.POSITIVE_INFINITY } = room
  const enough =
    baseSectors === undefined
      ? Number.POSITIVE_INFINITY
      : neverOverflowBytes(baseSectors, chunkSectors)
  const more = Math.max(0, holderFreeBytes - HOLDER_MARGIN_BYTES)
  const wanted = Math.min(usedBytes + wantedFreeBytes, enough, bytes + more, longestBytes)
  return Math.max(bytes, orderlyBytes(wanted, chunkSectors))
}

/** Whether it is as long as a file can be on its file system: no room there lets it grow. */
export function isLongest({
  bytes,
  chunkSectors,
  longestBytes,
}: Pick<Room, 'bytes' | 'chunkSectors' | 'longestBytes'>): boolean {
  return longestBytes !== undefined && orderlyBytes(longestBytes, chunkSectors) <= bytes
}
