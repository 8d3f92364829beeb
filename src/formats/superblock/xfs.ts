import { type ByteReader, hasText, u16be, u32be, u64be } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { labelOf, lengthOf, spreadIf, uuidOf } from './identity.ts'

/** XFS, big endian (fs/xfs/libxfs/xfs_format.h, struct xfs_dsb). */
export function probeXfs(head: Uint8Array): Superblock | undefined {
  if (!hasText(head, 0, 'XFSB')) return undefined
  return {
    type: 'xfs',
    ...labelOf(head, 108, 12),
    ...uuidOf(head, 32),
    ...lengthOf(u64be(head, 8), u32be(head, 4)),
    // Blocks of a real-time device; no place of the log on this one.
    ...spreadIf(u64be(head, 16) !== 0 || u64be(head, 48) === 0),
  }
}

/** Whether each block of metadata has its place in the log (version 5, the default since xfsprogs 3.2.3). */
export function isXfsV5(head: Uint8Array): boolean {
  return (u16be(head, 100) & 0xf) === 5
}

/** Checksum, and where in the log the superblock was written last. */
const MOUNT_NOTES: readonly (readonly [offset: number, bytes: number])[] = [
  [224, 4],
  [240, 8],
]

/**
 * A copy of the first bytes without what a mount leaves in the superblock even if it is read-only, as that of each boot: since
 * Linux 5.12 it is written when such a mount begins and ends (fs/xfs/xfs_log.c, xfs_log_cover).
 */
export function withoutMountNotes(head: Uint8Array): Uint8Array {
  const copy = head.slice()
  for (const [offset, bytes] of MOUNT_NOTES) copy.fill(0, offset, offset + bytes)
  return copy
}

/** A file system that has grown may have thousands. */
const MOST_GROUPS = 64

/**
 * The headers of its allocation groups, that of the free space and that of the inodes: each has its place in the log, as of
 * when anything in the group was allocated or freed, a file made or deleted. A mount that did nothing of the kind in any
 * group, but wrote over what a file has, changed a mode or a name, does not show. Empty for a geometry that cannot be.
 */
export function readXfsGroups(head: Uint8Array, read: ByteReader): Uint8Array {
  const [blockBytes, sectorBytes] = [u32be(head, 4), u16be(head, 102)]
  const groupBytes = u32be(head, 84) * blockBytes
  const groups = Math.min(u32be(head, 88), MOST_GROUPS)
  if (blockBytes > 65536 || groupBytes === 0 || sectorBytes < 512) return new Uint8Array()
  const headers: number[] = []
  for (let group = 0; group < groups; group++) {
    for (const byte of read(group * groupBytes + sectorBytes, 2 * sectorBytes)) headers.push(byte)
  }
  return new Uint8Array(headers)
}
