import { type ByteReader, hasText, u8, u32, u64 } from '../bytes.ts'
import { decodeUtf16 } from '../unicode.ts'
import type { Superblock } from './fields.ts'
import { labelFrom, lengthOf, serialOf } from './identity.ts'

const VOLUME_LABEL = 0x83

/** exFAT (Microsoft, "exFAT file system specification", 3.1 and 7.3). */
export function probeExfat(head: Uint8Array, read: ByteReader): Superblock | undefined {
  const sectorShift = u8(head, 108)
  const clusterShift = u8(head, 109)
  if (!hasText(head, 3, 'EXFAT   ') || sectorShift < 9 || sectorShift > 12) return undefined
  if (sectorShift + clusterShift > 25) return undefined
  const heapSectors = u32(head, 88)
  const rootCluster = Math.max(u32(head, 96), 2) - 2
  const rootDirectory = (heapSectors + rootCluster * 2 ** clusterShift) * 2 ** sectorShift
  const length = lengthOf(u64(head, 72), 2 ** sectorShift)
  if (length.bytes === undefined || rootDirectory >= length.bytes) return undefined
  return {
    type: 'exfat',
    // The label entry is made with the file system, so it stands near the beginning.
    ...findLabelEntry(read(rootDirectory, 512)),
    ...serialOf(head, 100),
    ...length,
  }
}

function findLabelEntry(directory: Uint8Array): { label?: string } {
  for (let at = 0; u8(directory, at) !== 0; at += 32) {
    if (u8(directory, at) !== VOLUME_LABEL) continue
    const units = Math.min(u8(directory, at + 1), 11)
    return labelFrom(decodeUtf16(directory.subarray(at + 2, at + 2 + units * 2)))
  }
  return {}
}
