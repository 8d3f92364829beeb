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

/** The chunks of a store of that length. */
export function cowGeometry(
  read: ByteReader,
  chunkSectors: number,
  storeBytes: number,
): CowGeometry {
  const chunkBytes = chunkSectors * 512
  const chunks = Math.floor(storeBytes / chunkBytes)
  const perArea = exceptionsPerArea(chunkSectors)
  // Their areas lie so near to each other that a read of its own for each would cost more than what lies between.
  const isDense = chunkSectors < 4
  return { read: isDense ? inPieces(read) : read, chunkSectors, chunkBytes, perArea, chunks }
}

const PIECE_BYTES = 1 << 20

/** Reads ahead. What lies there may not be readable: then as much as was asked for. */
function inPieces(read: ByteReader): ByteReader {
  let from = 0
  let piece: Uint8Array = new Uint8Array()
  const readAhead = (offset: number, length: number) => {
    try {
      return read(offset, Math.max(length, PIECE_BYTES))
    } catch {
      return read(offset, length)
    }
  }
  return (offset, length) => {
    if (offset < from || offset + length > from + piece.length) {
      piece = readAhead(offset, length)
      from = offset
    }
    return piece.subarray(offset - from, offset - from + length)
  }
}

/** The damage of an area that begins past the end of the file; undefined where it does not. */
export function areaPastEnd(store: CowGeometry, area: number): CowDamage | undefined {
  const chunk = areaChunk(store.perArea, area)
  if (chunk < store.chunks) return undefined
  return truncated(`metadata area ${area} is chunk ${chunk}, the file has ${store.chunks}`)
}

/** The chunk that the kernel would take next, when that is the highest in use: never the place of an area. */
export function nextFreeChunk(highestChunk: number, perArea: number): number {
  const next = highestChunk + 1
  return isMetadataChunk(next, perArea) ? next + 1 : next
}

/** Why an entry cannot be the kernel's, whatever the others are; undefined where it can. */
export function judgeEntry(
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
  if (newChunk >= chunks) {
    return truncated(`entry ${entry} has its data in chunk ${newChunk}, the file has ${chunks}`)
  }
  // Header and first area have a chunk each, and so has every entry.
  if (entry < chunks - 2) return undefined
  return corrupt(`it has more than ${entry} entries, and the file ${chunks} chunks to hold them`)
}

/** Damage of the entries themselves. */
export function corrupt(why: string): CowDamage {
  return { kind: 'corrupt', why }
}

/** Damage of a file that is too short. */
export function truncated(why: string): CowDamage {
  return { kind: 'truncated', why }
}

/** The chunk in which a metadata area lies. */
export function areaChunk(perArea: number, area: number): number {
  return 1 + area * (perArea + 1)
}

function isMetadataChunk(chunk: number, perArea: number): boolean {
  return chunk % (perArea + 1) === 1
}
