import { hasText, u16, u64 } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { lengthOf } from './identity.ts'

/** squashfs 4, the only one that the kernel mounts (fs/squashfs/squashfs_fs.h). It has no label. */
export function probeSquashfs(head: Uint8Array): Superblock | undefined {
  if (!hasText(head, 0, 'hsqs') || u16(head, 28) !== 4) return undefined
  return { type: 'squashfs', ...lengthOf(u64(head, 40), 1) }
}
