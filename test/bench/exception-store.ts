import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { exceptionsPerArea, formatCowHeader } from '../../src/formats/cow-store.ts'

const ENTRY_BYTES = 16

/**
 * Writes a store as the kernel would have left it after that many first writes to an origin of twice as many chunks,
 * in an order that has nothing to do with where they lie. Header and metadata areas only: the data are holes.
 */
export function writeExceptionStore(path: string, entries: number, chunkSectors: number): void {
  const chunkBytes = chunkSectors * 512
  const perArea = exceptionsPerArea(chunkSectors)
  const areas = Math.floor(entries / perArea) + 1
  const oldChunks = shuffled(entries)
  const file = openSync(path, 'w')
  ftruncateSync(file, (2 + entries + areas) * chunkBytes)
  writeSync(file, formatCowHeader(chunkSectors), 0, null, 0)
  for (let area = 0; area < areas; area++) {
    const areaChunk = 1 + area * (perArea + 1)
    const bytes = Buffer.alloc(chunkBytes)
    const count = Math.min(perArea, entries - area * perArea)
    for (let entry = 0; entry < count; entry++) {
      const oldChunk = 2 * (oldChunks[area * perArea + entry] ?? 0)
      bytes.writeBigUInt64LE(BigInt(oldChunk), entry * ENTRY_BYTES)
      bytes.writeBigUInt64LE(BigInt(areaChunk + 1 + entry), entry * ENTRY_BYTES + 8)
    }
    writeSync(file, bytes, 0, chunkBytes, areaChunk * chunkBytes)
  }
  closeSync(file)
}

/** The numbers below `count`, shuffled, in the same way every time. */
function shuffled(count: number): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, index) => index)
  let state = 1
  for (let index = count - 1; index > 0; index--) {
    // The generator of Park and Miller: products stay below 2^53.
    state = (state * 48271) % 0x7fffffff
    const other = state % (index + 1)
    const number = numbers[index] ?? 0
    numbers[index] = numbers[other] ?? 0
    numbers[other] = number
  }
  return numbers
}
