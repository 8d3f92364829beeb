import { exceptionsPerArea } from './cow-store.ts'

/**
 * Length in bytes of a store that no writing to its base can overflow.
 *
 * The header, one chunk for each chunk of the base, and one metadata area for each full area and one
 * more: when an area fills up exactly, the kernel zeroes the next one before it commits the last entry,
 * and a store that ends right there becomes Invalid.
 */
export function neverOverflowBytes(baseSectors: number, chunkSectors: number): number {
  const baseChunks = Math.ceil(baseSectors / chunkSectors)
  const fullAreas = Math.floor(baseChunks / exceptionsPerArea(chunkSectors))
  return (2 + baseChunks + fullAreas) * chunkSectors * 512
}

/**
 * The longest length in bytes, no longer than that and in whole chunks, at which a store that runs full overflows. One that
 * ends with the last chunk before a metadata area becomes Invalid instead: the kernel zeroes that area, past the end,
 * when the last entry of the one before is committed (persistent_commit_exception in drivers/md/dm-snap-persistent.c).
 */
export function orderlyBytes(bytes: number, chunkSectors: number): number {
  const chunkBytes = chunkSectors * 512
  const chunks = Math.floor(bytes / chunkBytes)
  return (endsBeforeArea(chunks, chunkSectors) ? chunks - 1 : chunks) * chunkBytes
}

/** Whether a store of that length would become Invalid when it runs full. */
export function isDisorderly(bytes: number, chunkSectors: number): boolean {
  return endsBeforeArea(Math.floor(bytes / 512 / chunkSectors), chunkSectors)
}

function endsBeforeArea(chunks: number, chunkSectors: number): boolean {
  return chunks > 1 && chunks % (exceptionsPerArea(chunkSectors) + 1) === 1
}
