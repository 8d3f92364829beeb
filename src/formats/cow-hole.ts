import type { ByteRange } from './cow-areas.ts'
import { areaChunk } from './cow-geometry.ts'
import { exceptionsPerArea } from './cow-store.ts'

/** Empty entries where a store's list ends, and entries behind them, which the kernel does not read. */
export interface CowHole {
  readonly emptyEntries: number
  /** From the first behind the hole to the last. */
  readonly entriesBehind: number
}

const ENTRY_BYTES = 16

/** The hole in a store with so many entries before its end, and `stale` behind it (see CowUsage). */
export function describeHole(chunkSectors: number, exceptions: number, stale: ByteRange): CowHole {
  const perArea = exceptionsPerArea(chunkSectors)
  const area = areaChunk(perArea, Math.floor(exceptions / perArea)) * chunkSectors * 512
  const end = area + (exceptions % perArea) * ENTRY_BYTES
  return {
    emptyEntries: (stale.offsetBytes - end) / ENTRY_BYTES,
    entriesBehind: stale.bytes / ENTRY_BYTES,
  }
}
