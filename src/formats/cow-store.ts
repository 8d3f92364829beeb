import { setU32, u32 } from './bytes.ts'

/*
 * The persistent store of dm-snapshot (drivers/md/dm-snap-persistent.c), little endian, in chunks:
 * chunk 0 is the header, chunk 1 + a * (E + 1) is metadata area a, the E chunks after an area hold
 * its data. An area is E entries of 16 bytes: u64 old chunk, u64 new chunk.
 */

const MAGIC = 0x70416e53
const VERSION = 1

/** How much of a store's beginning parseCowHeader wants to see. */
export const COW_PROBE_BYTES = 4096

export type CowHeader =
  /** Zeros: the kernel would make a store of it. */
  | { readonly kind: 'blank' }
  /** A store. One that is not valid is past use: every read from its snapshot fails. */
  | {
      readonly kind: 'store'
      readonly valid: boolean
      readonly version: 1
      readonly chunkSectors: number
    }
  /** A store that the kernel refuses. */
  | { readonly kind: 'unfit'; readonly why: string }
  /** Something else lies here. */
  | { readonly kind: 'foreign' }

/**
 * Tells what a file holds from its first COW_PROBE_BYTES (or all of it, when it is shorter).
 *
 * The kernel calls a store blank when its first four bytes are zero, which is true of many a file
 * system: only zeros all through count here. Some leave even more than that free at their beginning
 * (iso9660 32 KiB, btrfs 64 KiB), so ask probeSuperblock too before a blank store is written to.
 */
export function parseCowHeader(bytes: Uint8Array): CowHeader {
  if (bytes.every((byte) => byte === 0)) return { kind: 'blank' }
  if (bytes.length < 16 || u32(bytes, 0) !== MAGIC) return { kind: 'foreign' }
  const version = u32(bytes, 8)
  if (version !== VERSION)
    return { kind: 'unfit', why: `its version is ${version}, not ${VERSION}` }
  const chunkSectors = u32(bytes, 12)
  if (!isChunkSectors(chunkSectors)) {
    return { kind: 'unfit', why: `its chunk size is ${chunkSectors} sectors, not ${CHUNK_SIZES}` }
  }
  return { kind: 'store', valid: u32(bytes, 4) !== 0, version, chunkSectors }
}

/**
 * The 16 bytes that make a file of zeros an empty, valid store. What follows them in the first two
 * chunks must read as zeros, or the kernel takes it for entries.
 */
export function formatCowHeader(chunkSectors: number): Uint8Array {
  if (!isChunkSectors(chunkSectors)) throw new Error(`not a chunk size: ${chunkSectors} sectors`)
  const bytes = new Uint8Array(16)
  setU32(bytes, 0, MAGIC)
  setU32(bytes, 4, 1)
  setU32(bytes, 8, VERSION)
  setU32(bytes, 12, chunkSectors)
  return bytes
}

/**
 * The kernel would take 1 GiB (dm_exception_store_set_chunk_size), and as much memory for a metadata area, which is a chunk.
 * Nobody makes such a store (LVM: 512 KiB at the most), but somebody may leave one to hold up the boot.
 */
const MOST_CHUNK_SECTORS = 2 ** 13
const CHUNK_SIZES = `a power of two up to ${MOST_CHUNK_SECTORS}`

/**
 * Whether this chunk size is taken: a power of two, from 1 sector to 4 MiB. Devices with larger logical blocks than 512 bytes
 * need more than one; that is for the kernel to say.
 */
export function isChunkSectors(sectors: number): boolean {
  const isInRange = Number.isInteger(sectors) && sectors >= 1 && sectors <= MOST_CHUNK_SECTORS
  return isInRange && isPowerOfTwo(sectors)
}

function isPowerOfTwo(value: number): boolean {
  return (value & (value - 1)) === 0
}

/** Entries of one metadata area, which is a chunk: 16 bytes each. */
export function exceptionsPerArea(chunkSectors: number): number {
  return chunkSectors * 32
}
