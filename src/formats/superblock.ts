import type { ByteReader } from './bytes.ts'
import { probeBtrfs } from './superblock/btrfs.ts'
import { probeErofs } from './superblock/erofs.ts'
import { probeExfat } from './superblock/exfat.ts'
import { probeExt } from './superblock/ext.ts'
import { probeF2fs } from './superblock/f2fs.ts'
import type { Superblock } from './superblock/fields.ts'
import { probeIso9660 } from './superblock/iso9660.ts'
import { probeLuks, probeLvm, probeSnapshotStore, probeSwap } from './superblock/layers.ts'
import { probeNtfs } from './superblock/ntfs.ts'
import { probeSquashfs } from './superblock/squashfs.ts'
import { probeVfat } from './superblock/vfat.ts'
import { probeXfs } from './superblock/xfs.ts'

export type { HostClaim, Superblock, SuperblockType } from './superblock/fields.ts'

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
