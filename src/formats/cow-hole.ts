import type { ByteRange } from './cow-areas.ts'
import { areaChunk } from './cow-geometry.ts'
import { exceptionsPerArea } from './cow-store.ts'

/** Empty entries where a store's list ends, and entries behind them, which the kernel does not read. */
export interface CowHole {
  readonly emptyEntries: number
  /** From the first behind the hole to the last. */
  readonly entriesBehind: number
  /**
   * Whether a power cut can have left it: a write is torn between sectors, never in one. Where it cannot, entries that
   * had been committed were destroyed.
   */
  readonly mayBeTorn: boolean
}

const ENTRY_BYTES = 16
const SECTOR_BYTES = 512

/** The hole in a store with so many entries before its end, and `stale` behind it (see CowUsage). */
export function describeHole(chunkSectors: number, exceptions: number, stale: ByteRange): CowHole {
  const perArea = exceptionsPerArea(chunkSectors)
  const area = areaChunk(perArea, Math.floor(exceptions / perArea)) * chunkSectors * 512
  const end = area + (exceptions % perArea) * ENTRY_BYTES
  return {
    emptyEntries: (stale.offsetBytes - end) / ENTRY_BYTES,
    entriesBehind: stale.bytes / ENTRY_BYTES,
    mayBeTorn: stale.offsetBytes % SECTOR_BYTES === 0,
  }
}
