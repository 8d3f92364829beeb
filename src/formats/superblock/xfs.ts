import { hasText, u32be, u64be } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { labelOf, lengthOf, uuidOf } from './identity.ts'

/** XFS, big endian (fs/xfs/libxfs/xfs_format.h, struct xfs_dsb). */
export function probeXfs(head: Uint8Array): Superblock | undefined {
  if (!hasText(head, 0, 'XFSB')) return undefined
  return {
    type: 'xfs',
    ...labelOf(head, 108, 12),
    ...uuidOf(head, 32),
    ...lengthOf(u64be(head, 8), u32be(head, 4)),
  }
}
