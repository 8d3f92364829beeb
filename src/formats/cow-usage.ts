import type { ByteReader } from './bytes.ts'
import {
  type EntryVisitor,
  NOTHING,
  readArea,
  readEntries,
  type StaleEntries,
} from './cow-areas.ts'
import {
  areaPastEnd,
  type CowDamage,
  type CowGeometry,
  corrupt,
  cowGeometry,
  nextFreeChunk,
} from './cow-geometry.ts'
import { findRepeated } from './find-repeated.ts'

/** How full a store is, in the numbers of `dmsetup status`; or why it cannot be told. */
export type CowUsage =
  | {
      readonly kind: 'sound'
      readonly exceptions: number
      readonly usedSectors: number
      readonly metadataSectors: number
      readonly totalSectors: number
      /** A shorter base has not all the chunks that it holds a change of, as far as the entries were read. */
      readonly leastBaseSectors: number
      /** What lies behind the end of the list: to be cleared before the list grows up to it. */
      readonly stale: StaleEntries | undefined
    }
  | CowDamage

/**
 * Counts a store's entries, and with them its use. Never throws, unless `read` does.
 *
 * Reads one entry of each full area, and the last two areas: entries lie in the order of their
 * allocation, and the list ends at the first whose new chunk is 0. The areas are asked one after
 * another, not by bisection: what follows the last area was never cleared and may look like entries.
 * checkExceptions, which reads them all, is for when there is time.
 */
export function readCowUsage(read: ByteReader, chunkSectors: number, storeBytes: number): CowUsage {
  const store = cowGeometry(read, chunkSectors, storeBytes)
  const lastArea = findLastArea(store)
  if (typeof lastArea !== 'number') return lastArea
  const oldChunks = findRepeated()
  const newChunks = findRepeated()
  const visit: EntryVisitor = (oldChunk, newChunk) => {
    oldChunks.add(oldChunk)
    newChunks.add(newChunk)
  }
  const last = readArea(store, lastArea, visit)
  if ('kind' in last) return last
  // A full area before may hold the highest chunk: always when the last one is still empty.
  const previous = lastArea > 0 ? readArea(store, lastArea - 1, visit) : NOTHING
  if ('kind' in previous) return previous
  const isTorn = lastArea > 0 && previous.entries < store.perArea
  if (isTorn && (last.entries > 0 || last.stale !== undefined)) {
    return corrupt(`metadata area ${lastArea - 1} has entries after the end of the list`)
  }
  const twice = judgeRepeated(oldChunks.find(), newChunks.find())
  if (twice !== undefined) return twice

  // A power cut may tear the write that fills an area: the next one is empty then, and the list ends before it.
  const endArea = isTorn ? lastArea - 1 : lastArea
  const end = isTorn ? previous : last
  const exceptions = endArea * store.perArea + end.entries
  const totalSectors = Math.floor(storeBytes / 512)
  const highestNewChunk = Math.max(last.highestNewChunk, previous.highestNewChunk)
  const highestOldChunk = Math.max(last.highestOldChunk, previous.highestOldChunk)
  const nextFree = nextFreeChunk(highestNewChunk, store.perArea)
  return {
    kind: 'sound',
    exceptions,
    // The free chunk may lie past the end by the area that was jumped over; that is full, not more.
    usedSectors: Math.min(nextFree * chunkSectors, totalSectors),
    metadataSectors: (endArea + 2) * chunkSectors,
    totalSectors,
    leastBaseSectors: leastBaseSectors(highestOldChunk, chunkSectors),
    stale: end.stale,
  }
}

/** The damage of two entries for one chunk of the base, or with one chunk of the store; undefined where there is none. */
export function judgeRepeated(
  oldChunk: number | undefined,
  newChunk: number | undefined,
): CowDamage | undefined {
  if (oldChunk !== undefined) return corrupt(`two entries are of chunk ${oldChunk} of the base`)
  if (newChunk !== undefined) return corrupt(`two entries have their data in chunk ${newChunk}`)
  return undefined
}

/** The length that a base has at least when it has that chunk, the last of which may be cut short; 0 for chunk -1. */
export function leastBaseSectors(highestOldChunk: number, chunkSectors: number): number {
  return highestOldChunk < 0 ? 0 : highestOldChunk * chunkSectors + 1
}

/** Number of the first area that is not full. */
function findLastArea(store: CowGeometry): number | CowDamage {
  for (let area = 0; ; area++) {
    const damage = areaPastEnd(store, area)
    if (damage !== undefined) return damage
    const entry = readEntries(store, area, store.perArea - 1, 1)
    if ('kind' in entry) return entry
    if (entry.entries === 0) return area
  }
}
