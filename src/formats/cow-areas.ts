import type { ByteReader } from './bytes.ts'
import { exceptionsPerArea } from './cow-store.ts'

/** A store's chunks, and how to read them. */
export interface CowGeometry {
  readonly read: ByteReader
  readonly chunkSectors: number
  readonly chunkBytes: number
  /** Entries of one metadata area. */
  readonly perArea: number
  /** Whole chunks; the kernel uses no part of one. */
  readonly chunks: number
}

/** Why a store cannot be what the kernel wrote. */
export type CowDamage =
  /** The file ends before what its entries say it holds. */
  | { readonly kind: 'truncated'; readonly why: string }
  /** The entries cannot have been written by the kernel. */
  | { readonly kind: 'corrupt'; readonly why: string }

export interface ByteRange {
  readonly offsetBytes: number
  readonly bytes: number
}

/** Some entries of an area, up to the end of the list. */
export interface CowEntries {
  readonly entries: number
  /** The highest of their chunks in the store; at least 1, the first metadata area. */
  readonly highestNewChunk: number
  /** The highest of the base's chunks that they are of; -1 where there is none. */
  readonly highestOldChunk: number
  /** Entries that follow the end of the list, from the first to the last of those that were read. */
  readonly stale: ByteRange | undefined
}

/** Called for each entry of the list in its order, `entry` counted from 0 through the whole store. */
export type EntryVisitor = (oldChunk: number, newChunk: number, entry: number) => void

export const ENTRY_BYTES = 16
/** At most so much is read at once. */
export const SLICE_BYTES = 65536

/** The chunks of a store of that length. */
export function cowGeometry(
  read: ByteReader,
  chunkSectors: number,
  storeBytes: number,
): CowGeometry {
  const chunkBytes = chunkSectors * 512
  const chunks = Math.floor(storeBytes / chunkBytes)
  return { read, chunkSectors, chunkBytes, perArea: exceptionsPerArea(chunkSectors), chunks }
}

/** The chunk in which a metadata area lies. */
export function areaChunk(store: CowGeometry, area: number): number {
  return 1 + area * (store.perArea + 1)
}

/** The damage of an area that begins past the end of the file; undefined where it does not. */
export function areaPastEnd(store: CowGeometry, area: number): CowDamage | undefined {
  const chunk = areaChunk(store, area)
  if (chunk < store.chunks) return undefined
  return truncated(`metadata area ${area} is chunk ${chunk}, the file has ${store.chunks}`)
}

/** The chunk that the kernel would take next, when that is the highest in use: never the place of an area. */
export function nextFreeChunk(highestChunk: number, perArea: number): number {
  const next = highestChunk + 1
  return isMetadataChunk(next, perArea) ? next + 1 : next
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
  const offsetBytes = areaChunk(store, area) * store.chunkBytes + first * ENTRY_BYTES
  const bytes = store.read(offsetBytes, count * ENTRY_BYTES)
  if (bytes.length < count * ENTRY_BYTES) {
    return truncated(
      `the file ends in metadata area ${area}, at byte ${offsetBytes + bytes.length}`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
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
): ByteRange | undefined {
  const isThere = (entry: number) => u64(view, entry * ENTRY_BYTES + 8) !== 0
  let first = from
  while (first < to && !isThere(first)) first++
  if (first === to) return undefined
  let last = to - 1
  while (!isThere(last)) last--
  return {
    offsetBytes: offsetBytes + first * ENTRY_BYTES,
    bytes: (last + 1 - first) * ENTRY_BYTES,
  }
}

function judgeEntry(
  { perArea, chunks }: CowGeometry,
  entry: number,
  oldChunk: number,
  newChunk: number,
): CowDamage | undefined {
  if (oldChunk > Number.MAX_SAFE_INTEGER || newChunk > Number.MAX_SAFE_INTEGER) {
    return corrupt(`entry ${entry} has a chunk number that no device can have`)
  }
  if (isMetadataChunk(newChunk, perArea)) {
    return corrupt(`entry ${entry} says that its data is in chunk ${newChunk}, which is metadata`)
  }
  if (newChunk < chunks) return undefined
  return truncated(`entry ${entry} has its data in chunk ${newChunk}, the file has ${chunks}`)
}

/** Exact up to Number.MAX_SAFE_INTEGER, and above it for what is above it. */
function u64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true)
}

/** Damage of the entries themselves. */
export function corrupt(why: string): CowDamage {
  return { kind: 'corrupt', why }
}

function truncated(why: string): CowDamage {
  return { kind: 'truncated', why }
}

function isMetadataChunk(chunk: number, perArea: number): boolean {
  return chunk % (perArea + 1) === 1
}
