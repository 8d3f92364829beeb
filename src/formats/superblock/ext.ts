import { joinWords, u16, u32 } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { labelOf, lengthOf, uuidOf } from './identity.ts'

const START = 1024
const STATE_ERRORS = 0x2
const COMPAT_JOURNAL = 0x4
const INCOMPAT_RECOVER = 0x4
const INCOMPAT_JOURNAL_DEVICE = 0x8
const INCOMPAT_64BIT = 0x80
/** What ext3 knew: filetype, recover, meta_bg; sparse_super, large_file, btree_dir. More is ext4. */
const EXT3_INCOMPAT = 0x2 | INCOMPAT_RECOVER | 0x10
const EXT3_RO_COMPAT = 0x7

/** ext2, ext3 or ext4, by its features (the kernel's Documentation/filesystems/ext4/super.rst). */
export function probeExt(head: Uint8Array): Superblock | undefined {
  if (u16(head, START + 0x38) !== 0xef53) return undefined
  const incompat = u32(head, START + 0x60)
  if ((incompat & INCOMPAT_JOURNAL_DEVICE) !== 0) return undefined
  const logBlock = u32(head, START + 0x18)
  if (logBlock > 6) return undefined
  const highBlocks = (incompat & INCOMPAT_64BIT) !== 0 ? u32(head, START + 0x150) : 0
  return {
    type: typeOf(u32(head, START + 0x5c), incompat, u32(head, START + 0x64)),
    ...labelOf(head, START + 0x78, 16),
    ...uuidOf(head, START + 0x68),
    ...lengthOf(joinWords(highBlocks, u32(head, START + 0x04)), 1024 * 2 ** logBlock),
    needsRecovery: (incompat & INCOMPAT_RECOVER) !== 0,
    hasErrors: (u16(head, START + 0x3a) & STATE_ERRORS) !== 0,
  }
}

function typeOf(compat: number, incompat: number, roCompat: number): 'ext2' | 'ext3' | 'ext4' {
  if ((incompat & ~EXT3_INCOMPAT) !== 0 || (roCompat & ~EXT3_RO_COMPAT) !== 0) return 'ext4'
  return (compat & COMPAT_JOURNAL) !== 0 ? 'ext3' : 'ext2'
}
