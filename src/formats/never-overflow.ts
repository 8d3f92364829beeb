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
