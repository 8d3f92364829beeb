import { u32, u64 } from '../bytes.ts'
import { decodeUtf16 } from '../unicode.ts'
import type { Superblock } from './fields.ts'
import { labelFrom, lengthOf, uuidOf } from './identity.ts'

const START = 1024

/** F2FS (include/linux/f2fs_fs.h, struct f2fs_super_block). */
export function probeF2fs(head: Uint8Array): Superblock | undefined {
  if (u32(head, START) !== 0xf2f52010) return undefined
  return {
    type: 'f2fs',
    ...labelFrom(decodeUtf16(head.subarray(START + 124, START + 124 + 1024))),
    ...uuidOf(head, START + 108),
    ...lengthOf(u64(head, START + 36), 2 ** u32(head, START + 16)),
  }
}
