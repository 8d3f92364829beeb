import {
  areaChunk,
  type CowDamage,
  type CowGeometry,
  judgeEntry,
  truncated,
} from './cow-geometry.ts'

export interface ByteRange {
  readonly offsetBytes: number
  readonly bytes: number
}

/** Entries that follow the end of the list, from the first to the last; the kernel does not read them. */
export interface StaleEntries extends ByteRange {
  /**
   * Whether a power cut can have left them: a write is torn between sectors, never in one. Where in one sector an entry
   * stands behind an empty one, entries that had been committed were destroyed.
   */
  readonly mayBeTorn: boolean
}

/** Some entries of an area, up to the end of the list. */
export interface CowEntries {
  readonly entries: number
  /** The highest of their chunks in the store; at least 1, the first metadata area. */
  readonly highestNewChunk: number
  /** The highest of the base's chunks that they are of; -1 where there is none. */
  readonly highestOldChunk: number
  /** Of those that were read. */
  readonly stale: StaleEntries | undefined
}

/** Called for each entry of the list in its order, `entry` counted from 0 through the whole store. */
export type EntryVisitor = (oldChunk: number, newChunk: number, entry: number) => void

const ENTRY_BYTES = 16
const ENTRIES_PER_SECTOR = 512 / ENTRY_BYTES
/** At most so much is read at once. */
const SLICE_BYTES = 65536

/** An area without entries. */
export const NOTHING: CowEntries = {
  entries: 0,
  highestNewChunk: 1,
  highestOldChunk: -1,
  stale: undefined,
}

/**
 * Reads an area, in slices, for it may be as long as 4 MiB: the entries up to its end or to the end of the list, and
 * where behind that there are others. Never throws, unless `read` or `visit` does.
 */
export function readArea(
  store: CowGeometry,
  area: number,
  visit: EntryVisitor,
): CowEntries | CowDamage {
  const sliceEntries = Math.min(store.perArea, SLICE_BYTES / ENTRY_BYTES)
  let found = NOTHING
  for (let first = 0; first < store.perArea; first += sliceEntries) {
    const hasEnded = found.entries < first
    const slice = hasEnded
      ? readBehind(store, area, first, sliceEntries)
      : readEntries(store, area, first, sliceEntries, visit)
    if ('kind' in slice) return slice
    found = {
      entries: found.entries + slice.entries,
      highestNewChunk: Math.max(found.highestNewChunk, slice.highestNewChunk),
      highestOldChunk: Math.max(found.highestOldChunk, slice.highestOldChunk),
      stale: join(found.stale, slice.stale),
    }
  }
  return found
}

/** A slice behind the end of the list. */
function readBehind(
  store: CowGeometry,
  area: number,
  first: number,
  count: number,
): CowEntries | CowDamage {
  const slice = readSlice(store, area, first, count)
  if ('kind' in slice) return slice
  return { ...NOTHING, stale: findStale(slice.view, 0, count, slice.offsetBytes) }
}

/** One range from the beginning of the first to the end of the second. */
function join(
  first: StaleEntries | undefined,
  second: StaleEntries | undefined,
): StaleEntries | undefined {
  if (first === undefined || second === undefined) return first ?? second
  const { offsetBytes } = first
  const bytes = second.offsetBytes + second.bytes - offsetBytes
  return { offsetBytes, bytes, mayBeTorn: first.mayBeTorn && second.mayBeTorn }
}

function readSlice(
  { read, chunkBytes, perArea }: CowGeometry,
  area: number,
  first: number,
  count: number,
): { readonly view: DataView; readonly offsetBytes: number } | CowDamage {
  const offsetBytes = areaChunk(perArea, area) * chunkBytes + first * ENTRY_BYTES
  const bytes = read(offsetBytes, count * ENTRY_BYTES)
  if (bytes.length === count * ENTRY_BYTES) {
    return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offsetBytes }
  }
  return truncated(`the file ends in metadata area ${area}, at byte ${offsetBytes + bytes.length}`)
}

/**
 * Reads `count` entries of an area from the one with the number `first` in it: those before the first whose new
 * chunk is 0, where the list ends. Never throws, unless `read` or `visit` does.
 */
export function readEntries(
  store: CowGeometry,
  area: number,
  first: number,
  count: number,
  visit?: EntryVisitor,
): CowEntries | CowDamage {
  const slice = readSlice(store, area, first, count)
  if ('kind' in slice) return slice
  const { view, offsetBytes } = slice
  let highestNewChunk = 1
  let highestOldChunk = -1
  let entries = 0
  for (; entries < count; entries++) {
    const newChunk = u64(view, entries * ENTRY_BYTES + 8)
    if (newChunk === 0) break
    const oldChunk = u64(view, entries * ENTRY_BYTES)
    const entry = area * store.perArea + first + entries
    const damage = judgeEntry(store, entry, oldChunk, newChunk)
    if (damage !== undefined) return damage
    highestNewChunk = Math.max(highestNewChunk, newChunk)
    highestOldChunk = Math.max(highestOldChunk, oldChunk)
    visit?.(oldChunk, newChunk, entry)
  }
  const stale = findStale(view, entries, count, offsetBytes)
  return { entries, highestNewChunk, highestOldChunk, stale }
}

/**
 * The kernel writes one entry after the other and does not clear what stands behind: an entry there, from a write that
 * a power cut tore, would be in the list again as soon as the list has grown up to it.
 */
function findStale(
  view: DataView,
  from: number,
  to: number,
  offsetBytes: number,
): StaleEntries | undefined {
  const isThere = (entry: number) => u64(view, entry * ENTRY_BYTES + 8) !== 0
  let first = from
  while (first < to && !isThere(first)) first++
  if (first === to) return undefined
  let last = to - 1
  while (!isThere(last)) last--
  let mayBeTorn = true
  for (let entry = first; entry <= last; entry++) {
    if (entry % ENTRIES_PER_SECTOR === 0 || !isThere(entry)) continue
    mayBeTorn &&= isThere(entry - 1)
  }
  return {
    offsetBytes: offsetBytes + first * ENTRY_BYTES,
    bytes: (last + 1 - first) * ENTRY_BYTES,
    mayBeTorn,
  }
}

/** Exact up to Number.MAX_SAFE_INTEGER, and above it for what is above it. */
function u64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true)
}
