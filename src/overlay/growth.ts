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
}

/** What the holder keeps for its own tables, and for the record beside the store. */
export const HOLDER_MARGIN_BYTES = 4 << 20
/** What a store has to have free to be written to: the journal of the root's file system is replayed into it. */
export const LEAST_FREE_BYTES = 4 << 20

/** Whether so little is free that a boot may overflow the store; of a small one a quarter has to be free. */
export function isNearlyFull({ bytes, usedBytes, chunkSectors, baseSectors }: Room): boolean {
  const isEnough =
    baseSectors !== undefined && bytes >= neverOverflowBytes(baseSectors, chunkSectors)
  return !isEnough && bytes - usedBytes < Math.min(LEAST_FREE_BYTES, bytes / 4)
}

/**
 * The length in bytes at which `wantedFreeBytes` of the store are free: no more than the base can ever need, nor than
 * the holder has room for, in whole chunks; and never less than it has.
 */
export function grownBytes(room: Room, wantedFreeBytes: number): number {
  const { bytes, usedBytes, chunkSectors, baseSectors, holderFreeBytes } = room
  const enough =
    baseSectors === undefined
      ? Number.POSITIVE_INFINITY
      : neverOverflowBytes(baseSectors, chunkSectors)
  const more = Math.max(0, holderFreeBytes - HOLDER_MARGIN_BYTES)
  const wanted = Math.min(usedBytes + wantedFreeBytes, enough, bytes + more)
  return Math.max(bytes, orderlyBytes(wanted, chunkSectors))
}
