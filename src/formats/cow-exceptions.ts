import {
  areaChunk,
  areaPastEnd,
  type ByteRange,
  type CowDamage,
  type CowGeometry,
  corrupt,
  ENTRY_BYTES,
  type EntryVisitor,
  readEntries,
  SLICE_BYTES,
} from './cow-areas.ts'
import { leastBaseSectors } from './cow-usage.ts'
import { findRepeated } from './find-repeated.ts'

/** Where the list of a store's entries ends. */
export interface ExceptionList {
  readonly exceptions: number
  readonly highestOldChunk: number
  /** The area in which the list ends: the kernel goes on there. */
  readonly lastArea: number
  /** See CowUsage. */
  readonly stale: ByteRange | undefined
}

/**
 * Shows every entry of the list to `visit`, reading no more than 64 KiB at once and saying to `advance` how many bytes it
 * was; to the damage that it meets first. Never throws, unless `read` or a callback does.
 */
export function walkExceptions(
  store: CowGeometry,
  visit: EntryVisitor,
  advance: (bytes: number) => void = () => {},
): ExceptionList | CowDamage {
  let exceptions = 0
  let highestOldChunk = -1
  for (let area = 0; ; area++) {
    const damage = areaPastEnd(store, area)
    if (damage !== undefined) return damage
    const sliceEntries = Math.min(store.perArea, SLICE_BYTES / ENTRY_BYTES)
    for (let first = 0; first < store.perArea; first += sliceEntries) {
      const slice = readEntries(store, area, first, sliceEntries, visit)
      if ('kind' in slice) return slice
      advance(sliceEntries * ENTRY_BYTES)
      exceptions += slice.entries
      highestOldChunk = Math.max(highestOldChunk, slice.highestOldChunk)
      if (slice.entries === sliceEntries) continue
      const rest = staleBehind(store, area, first + sliceEntries, sliceEntries, advance)
      return { exceptions, highestOldChunk, lastArea: area, stale: join(slice.stale, rest) }
    }
  }
}

/** What looks like entries in the rest of the area in which the list has ended: every slice of it is one whole range. */
function staleBehind(
  store: CowGeometry,
  area: number,
  from: number,
  sliceEntries: number,
  advance: (bytes: number) => void,
): ByteRange | undefined {
  let stale: ByteRange | undefined
  for (let first = from; first < store.perArea; first += sliceEntries) {
    const offsetBytes = areaChunk(store, area) * store.chunkBytes + first * ENTRY_BYTES
    const bytes = store.read(offsetBytes, sliceEntries * ENTRY_BYTES)
    if (bytes.some((byte) => byte !== 0)) stale = join(stale, { offsetBytes, bytes: bytes.length })
    advance(bytes.length)
  }
  return stale
}

/** One range from the beginning of the first to the end of the second. */
function join(first: ByteRange | undefined, second: ByteRange | undefined): ByteRange | undefined {
  if (first === undefined || second === undefined) return first ?? second
  const end = second.offsetBytes + second.bytes
  return { offsetBytes: first.offsetBytes, bytes: end - first.offsetBytes }
}

/** What reading all of a store's entries has shown. */
export type CowExceptions =
  | (ExceptionList & {
      readonly kind: 'sound'
      /** See CowUsage; here of all entries. */
      readonly leastBaseSectors: number
      /**
       * Whether each has its chunk behind that of the one before, as Linux has written them since 3.14; before, they
       * stand in the order in which the copying ended.
       */
      readonly inOrder: boolean
    })
  | CowDamage

/**
 * Reads all entries, and finds none out of its place, no chunk of the base and none of the store that two entries
 * have, and none that the base has not, where its length is known. Memory: 8 bytes an entry, 128 MiB at most.
 */
export function checkExceptions(
  store: CowGeometry,
  baseSectors: number | undefined,
  advance: (bytes: number) => void = () => {},
): CowExceptions {
  const oldChunks = findRepeated()
  let inOrder = true
  let before = 0
  const list = walkExceptions(
    store,
    (oldChunk, newChunk) => {
      oldChunks.add(oldChunk)
      inOrder &&= newChunk > before
      before = newChunk
    },
    advance,
  )
  if ('kind' in list) return list
  const twice = oldChunks.find()
  if (twice !== undefined) return corrupt(`two entries are of chunk ${twice} of the base`)
  const shared = inOrder ? undefined : findShared(store)
  if (shared !== undefined) return corrupt(`two entries have their data in chunk ${shared}`)
  const least = leastBaseSectors(list.highestOldChunk, store.chunkSectors)
  if (baseSectors !== undefined && least > baseSectors) {
    return corrupt(
      `it has an entry of chunk ${list.highestOldChunk}, and the base ends before that, at sector ${baseSectors}`,
    )
  }
  return { kind: 'sound', ...list, leastBaseSectors: least, inOrder }
}

/** Entries in the order of their chunks have each its own: only for others all have to be compared. */
function findShared(store: CowGeometry): number | undefined {
  const newChunks = findRepeated()
  walkExceptions(store, (_oldChunk, newChunk) => newChunks.add(newChunk))
  return newChunks.find()
}
