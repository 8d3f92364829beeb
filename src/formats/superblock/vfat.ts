import { type ByteReader, hasText, u8, u16, u32 } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { labelOf, serialOf } from './identity.ts'

interface Fat {
  readonly rootDirectory: number
  readonly rootBytes: number
  readonly bytes: number
  /** Where the boot sector has the serial number; the label follows it. */
  readonly serialAt: number
}

/** Of the byte before the signature of the serial number (struct fat_boot_sector, include/uapi/linux/msdos_fs.h). */
const STATE_DIRTY = 0x1

/**
 * FAT12, FAT16 or FAT32 (Microsoft, "FAT: General Overview of On-Disk Format"). The label is that of the
 * root directory's volume entry, as Windows keeps it; failing that, the boot sector's.
 */
export function probeVfat(head: Uint8Array, read: ByteReader): Superblock | undefined {
  const fat = parseBootSector(head)
  if (!fat) return undefined
  const bootLabel = hasText(head, fat.serialAt + 4, 'NO NAME ')
    ? {}
    : labelOf(head, fat.serialAt + 4, 11)
  return {
    type: 'vfat',
    ...bootLabel,
    ...findVolumeEntry(read(fat.rootDirectory, fat.rootBytes)),
    ...serialOf(head, fat.serialAt),
    bytes: fat.bytes,
    needsCheck: (u8(head, fat.serialAt - 2) & STATE_DIRTY) !== 0,
  }
}

/** A partition table or a boot loader ends in 55 AA as well: the format's name must be there, and fit. */
function parseBootSector(head: Uint8Array): Fat | undefined {
  const isFat32 = hasText(head, 82, 'FAT32 ')
  const isFat16 = ['FAT12 ', 'FAT16 ', 'FAT  '].some((name) => hasText(head, 54, name))
  if ((!isFat32 && !isFat16) || u16(head, 510) !== 0xaa55) return undefined

  const sectorBytes = u16(head, 11)
  const clusterSectors = u8(head, 13)
  const reservedSectors = u16(head, 14)
  const tables = u8(head, 16)
  if (![512, 1024, 2048, 4096].includes(sectorBytes)) return undefined
  if (clusterSectors === 0 || reservedSectors === 0 || tables === 0) return undefined

  const tableSectors = isFat32 ? u32(head, 36) : u16(head, 22)
  const afterTables = reservedSectors + tables * tableSectors
  const firstCluster = isFat32 ? Math.max(u32(head, 44), 2) - 2 : 0
  const rootBytes = isFat32 ? clusterSectors * sectorBytes : u16(head, 17) * 32
  const rootDirectory = (afterTables + firstCluster * clusterSectors) * sectorBytes
  const bytes = (u16(head, 19) || u32(head, 32)) * sectorBytes
  if (rootDirectory >= bytes) return undefined
  return {
    rootDirectory,
    // The volume entry is made with the file system, so it stands near the beginning.
    rootBytes: Math.min(rootBytes, 4096),
    bytes,
    serialAt: isFat32 ? 67 : 39,
  }
}

/** `{ label }` from the first entry that is a volume label: in use, and no piece of a long name. */
function findVolumeEntry(directory: Uint8Array): { label?: string } {
  for (let at = 0; u8(directory, at) !== 0; at += 32) {
    const attributes = u8(directory, at + 11)
    const isLabel = (attributes & 0x18) === 0x08 && (attributes & 0x0f) !== 0x0f
    if (isLabel && u8(directory, at) !== 0xe5) return labelOf(directory, at, 11)
  }
  return {}
}
