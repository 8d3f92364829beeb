import { type ByteReader, u64 } from './bytes.ts'
import { areaChunk, nextFreeChunk } from './cow-geometry.ts'
import { exceptionsPerArea } from './cow-store.ts'

/** How far the entries of a store in use have been read. */
export interface CowCursor {
  readonly chunkSectors: number
  readonly entries: number
  /** The highest chunk of the store that is in use. */
  readonly highestChunk: number
}

/** Before the first entry: header and first metadata area are in use. */
export function newCowCursor(chunkSectors: number): CowCursor {
  return { chunkSectors, entries: 0, highestChunk: 1 }
}

/** Entries that are read at once: a page of them. */
const ENTRIES_AT_ONCE = 256

/**
 * Reads on from the cursor to the end of the list, one read of 4 KiB where nothing is new. The kernel writes entries in
 * order, and zeroes an area before it commits the last entry of the one before (drivers/md/dm-snap-persistent.c);
 * what it has committed is in the file's page cache. Throws what `read` does.
 */
export function readOn(read: ByteReader, from: CowCursor): CowCursor {
  const { chunkSectors } = from
  const perArea = exceptionsPerArea(chunkSectors)
  let { entries, highestChunk } = from
  for (;;) {
    const inArea = entries % perArea
    const count = Math.min(ENTRIES_AT_ONCE, perArea - inArea)
    const area = areaChunk(perArea, Math.floor(entries / perArea))
    const bytes = read(area * chunkSectors * 512 + inArea * 16, count * 16)
    for (let at = 0; at < count * 16; at += 16) {
      // Chunk 0 is the header: no entry has it. A chunk past 2^53 is damage, and nothing to count by.
      const newChunk = u64(bytes, at + 8) ?? 0
      if (newChunk === 0) return { chunkSectors, entries, highestChunk }
      entries++
      highestChunk = Math.max(highestChunk, newChunk)
    }
  }
}

/** What the entries that were read take of the store, as in `dmsetup status`. */
export function cursorUsedBytes({ chunkSectors, highestChunk }: CowCursor): number {
  const perArea = exceptionsPerArea(chunkSectors)
  return nextFreeChunk(highestChunk, perArea) * chunkSectors * 512
}
