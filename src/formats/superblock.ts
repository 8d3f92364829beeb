import type { ByteReader } from './bytes.ts'
import { probeBtrfs } from './superblock/btrfs.ts'
import { probeErofs } from './superblock/erofs.ts'
import { probeExfat } from './superblock/exfat.ts'
import { probeExt } from './superblock/ext.ts'
import { probeF2fs } from './superblock/f2fs.ts'
import { probeIso9660 } from './superblock/iso9660.ts'
import { probeLuks, probeLvm, probeSnapshotStore, probeSwap } from './superblock/layers.ts'
import { probeNtfs } from './superblock/ntfs.ts'
import { probeSquashfs } from './superblock/squashfs.ts'
import { probeVfat } from './superblock/vfat.ts'
import { probeXfs } from './superblock/xfs.ts'

/** What a device or file holds, in the words of blkid(8) and udev. */
export interface Superblock {
  /** For a file system: what `mount -t` takes. */
  readonly type: SuperblockType
  readonly label?: string
  readonly uuid?: string
  /** Length of the file system, where its superblock tells. */
  readonly bytes?: number
  /** ext alone: the journal must be replayed, so even a read-only mount would write. */
  readonly needsRecovery?: boolean
  /** ext alone: the kernel saw damage, and no e2fsck has run since. */
  readonly hasErrors?: boolean
}

export type SuperblockType =
  | 'ext2'
  | 'ext3'
  | 'ext4'
  | 'iso9660'
  | 'squashfs'
  | 'erofs'
  | 'xfs'
  | 'btrfs'
  | 'vfat'
  | 'exfat'
  | 'ntfs'
  | 'f2fs'
  | 'swap'
  | 'crypto_LUKS'
  | 'DM_snapshot_cow'
  | 'LVM2_member'

/** Formats that show in the first 4 KiB. vfat is last: of all of them its mark says least. */
const PROBES = [
  probeLuks,
  probeSnapshotStore,
  probeSquashfs,
  probeXfs,
  probeNtfs,
  probeExfat,
  probeLvm,
  probeExt,
  probeErofs,
  probeF2fs,
  probeSwap,
  probeVfat,
]

/**
 * Tells what the bytes hold, as blkid would; undefined for anything not in SuperblockType. Never throws,
 * unless `read` does. Reads 4 KiB at 0, and only if those say nothing 2 KiB at 32 KiB and 1 KiB at
 * 64 KiB; for the label of vfat and exfat also the beginning of the root directory.
 */
export function probeSuperblock(read: ByteReader): Superblock | undefined {
  const head = read(0, 4096)
  for (const probe of PROBES) {
    const found = probe(head, read)
    if (found) return found
  }
  return probeIso9660(read(32768, 2048)) ?? probeBtrfs(read(65536, 1024))
}
