import { u8, u32 } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { labelOf, lengthOf, uuidOf } from './identity.ts'

const START = 1024

/** EROFS (fs/erofs/erofs_fs.h, struct erofs_super_block). */
export function probeErofs(head: Uint8Array): Superblock | undefined {
  if (u32(head, START) !== 0xe0f5e1e2) return undefined
  return {
    type: 'erofs',
    ...labelOf(head, START + 64, 16),
    ...uuidOf(head, START + 48),
    ...lengthOf(u32(head, START + 36), 2 ** u8(head, START + 12)),
  }
}
