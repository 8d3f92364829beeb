import { type EntryVisitor, readArea, type StaleEntries } from './cow-areas.ts'
import { areaPastEnd, type CowDamage, type CowGeometry, corrupt } from './cow-geometry.ts'
import { judgeRepeated, leastBaseSectors } from './cow-usage.ts'
import { findRepeated } from './find-repeated.ts'

/** Where the list of a store's entries ends. */
export interface ExceptionList {
  readonly exceptions: number
  readonly highestOldChunk: number
  /** The area in which the list ends: the kernel goes on there. */
  readonly lastArea: number
  /** See CowUsage. */
  readonly stale: StaleEntries | undefined
}

/**
 * Shows every entry of the list to `visit`, and says to `advance` how many bytes of metadata have been read; up to the
 * damage that it meets first. Never throws, unless `read` or a callback does.
 */
export function walkExceptions(
  store: CowGeometry,
  visit: EntryVisitor,
  advance: (bytes: number) => void = () => {},
): ExceptionList | CowDamage {
  let exceptions = 0
  let highestOldChunk = -1
  for (let area = 0; ; area++) {
    const found = areaPastEnd(store, area) ?? readArea(store, area, visit)
    if ('kind' in found) return found
    advance(store.chunkBytes)
    exceptions += found.entries
    highestOldChunk = Math.max(highestOldChunk, found.highestOldChunk)
    if (found.entries < store.perArea) {
      return { exceptions, highestOldChunk, lastArea: area, stale: found.stale }
    }
  }
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
  const twice = judgeRepeated(oldChunks.find(), inOrder ? undefined : findShared(store))
  if (twice !== undefined) return twice
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
