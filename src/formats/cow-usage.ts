import { type ByteReader, u64 } from './bytes.ts'
import { exceptionsPerArea } from './cow-store.ts'

/** How full a store is, in the numbers of `dmsetup status`; or why it cannot be told. */
export type CowUsage =
  | {
      readonly kind: 'sound'
      readonly exceptions: number
      readonly usedSectors: number
      readonly metadataSectors: number
      readonly totalSectors: number
    }
  /** The file ends before what its entries say it holds. */
  | { readonly kind: 'truncated'; readonly why: string }
  /** The entries cannot have been written by the kernel. */
  | { readonly kind: 'corrupt'; readonly why: string }

type Damage = Exclude<CowUsage, { kind: 'sound' }>

interface Geometry {
  readonly read: ByteReader
  readonly chunkBytes: number
  readonly perArea: number
  /** Whole chunks; the kernel uses no part of one. */
  readonly chunks: number
}

const ENTRY_BYTES = 16
const SLICE_BYTES = 65536

/**
 * Counts a store's entries, and with them its use. Never throws, unless `read` does.
 *
 * Reads one entry of each full area, and the last two areas: entries lie in the order of their
 * allocation, and the list ends at the first whose new chunk is 0. The areas are asked one after
 * another, not by bisection: what follows the last area was never cleared and may look like entries.
 */
export function readCowUsage(read: ByteReader, chunkSectors: number, storeBytes: number): CowUsage {
  const store: Geometry = {
    read,
    chunkBytes: chunkSectors * 512,
    perArea: exceptionsPerArea(chunkSectors),
    chunks: Math.floor(storeBytes / (chunkSectors * 512)),
  }
  const lastArea = findLastArea(store)
  if (typeof lastArea !== 'number') return lastArea
  const last = readArea(store, lastArea)
  if ('kind' in last) return last
  // A full area before may hold the highest chunk: always when the last one is still empty.
  const previous = lastArea > 0 ? readArea(store, lastArea - 1) : { entries: 0, highestChunk: 1 }
  if ('kind' in previous) return previous
  if (lastArea > 0 && previous.entries < store.perArea) {
    return corrupt(`metadata area ${lastArea - 1} has entries after the end of the list`)
  }

  const exceptions = lastArea * store.perArea + last.entries
  if (exceptions > store.chunks - 2) {
    return corrupt(`it has ${exceptions} entries, and the file ${store.chunks} chunks to hold them`)
  }
  const totalSectors = Math.floor(storeBytes / 512)
  const nextFree = nextFreeChunk(Math.max(last.highestChunk, previous.highestChunk), store.perArea)
  return {
    kind: 'sound',
    exceptions,
    // The free chunk may lie past the end by the area that was jumped over; that is full, not more.
    usedSectors: Math.min(nextFree * chunkSectors, totalSectors),
    metadataSectors: (lastArea + 2) * chunkSectors,
    totalSectors,
  }
}

/** Number of the first area that is not full. */
function findLastArea(store: Geometry): number | Damage {
  for (let area = 0; ; area++) {
    const chunk = areaChunk(store, area)
    if (chunk >= store.chunks) {
      return truncated(`metadata area ${area} is chunk ${chunk}, the file has ${store.chunks}`)
    }
    const entry = readEntries(store, area, store.perArea - 1, 1)
    if ('kind' in entry) return entry
    if (entry.entries === 0) return area
  }
}

interface Entries {
  readonly entries: number
  readonly highestChunk: number
}

/** Reads an area up to its end or to the end of the list, in slices: an area may be as long as 1 GiB. */
function readArea(store: Geometry, area: number): Entries | Damage {
  const sliceEntries = Math.min(store.perArea, SLICE_BYTES / ENTRY_BYTES)
  let entries = 0
  let highestChunk = 1
  while (entries < store.perArea) {
    const slice = readEntries(store, area, entries, sliceEntries)
    if ('kind' in slice) return slice
    entries += slice.entries
    highestChunk = Math.max(highestChunk, slice.highestChunk)
    if (slice.entries < sliceEntries) break
  }
  return { entries, highestChunk }
}

/** Reads some entries of an area; stops at the first whose new chunk is 0. */
function readEntries(
  store: Geometry,
  area: number,
  first: number,
  count: number,
): Entries | Damage {
  const offset = areaChunk(store, area) * store.chunkBytes + first * ENTRY_BYTES
  const bytes = store.read(offset, count * ENTRY_BYTES)
  if (bytes.length < count * ENTRY_BYTES) {
    return truncated(`the file ends in metadata area ${area}, at byte ${offset + bytes.length}`)
  }
  let highestChunk = 1
  for (let i = 0; i < count; i++) {
    const oldChunk = u64(bytes, i * ENTRY_BYTES)
    const newChunk = u64(bytes, i * ENTRY_BYTES + 8)
    if (newChunk === 0) return { entries: i, highestChunk }
    const entry = area * store.perArea + first + i
    if (oldChunk === undefined || newChunk === undefined) {
      return corrupt(`entry ${entry} has a chunk number that no device can have`)
    }
    if (isMetadataChunk(newChunk, store.perArea)) {
      return corrupt(`entry ${entry} says that its data is in chunk ${newChunk}, which is metadata`)
    }
    if (newChunk >= store.chunks) {
      return truncated(
        `entry ${entry} has its data in chunk ${newChunk}, the file has ${store.chunks}`,
      )
    }
    highestChunk = Math.max(highestChunk, newChunk)
  }
  return { entries: count, highestChunk }
}

function corrupt(why: string): Damage {
  return { kind: 'corrupt', why }
}

function truncated(why: string): Damage {
  return { kind: 'truncated', why }
}

function areaChunk(store: Geometry, area: number): number {
  return 1 + area * (store.perArea + 1)
}

function isMetadataChunk(chunk: number, perArea: number): boolean {
  return chunk % (perArea + 1) === 1
}

function nextFreeChunk(highestChunk: number, perArea: number): number {
  const next = highestChunk + 1
  return isMetadataChunk(next, perArea) ? next + 1 : next
}
