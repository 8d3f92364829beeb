import { type ByteReader, joinWords, u16, u32, u64 } from '../bytes.ts'
import type { HostClaim, Superblock } from './fields.ts'
import { labelOf, lengthOf, spreadIf, uuidOf } from './identity.ts'

const START = 1024
const STATE_CLEAN = 0x1
const STATE_ERRORS = 0x2
const COMPAT_JOURNAL = 0x4
const INCOMPAT_RECOVER = 0x4
const INCOMPAT_JOURNAL_DEVICE = 0x8
const INCOMPAT_64BIT = 0x80
const INCOMPAT_MMP = 0x100
const MMP_MAGIC = 0x004d4d50
const MMP_SEQUENCE_CLEAN = 0xff4d4d50
const MMP_SEQUENCE_FSCK = 0xe24d4d50
/** What ext3 knew: filetype, recover, meta_bg; sparse_super, large_file, btree_dir. More is ext4. */
const EXT3_INCOMPAT = 0x2 | INCOMPAT_RECOVER | 0x10
const EXT3_RO_COMPAT = 0x7

/**
 * ext2, ext3 or ext4, by its features (the kernel's Documentation/filesystems/ext4/super.rst). With a journal the kernel
 * leaves the clean state set while it is mounted (fs/ext4/super.c, ext4_setup_super): then e2fsck alone takes it away.
 */
export function probeExt(head: Uint8Array, read: ByteReader): Superblock | undefined {
  if (u16(head, START + 0x38) !== 0xef53) return undefined
  const incompat = u32(head, START + 0x60)
  if ((incompat & INCOMPAT_JOURNAL_DEVICE) !== 0) return undefined
  const logBlock = u32(head, START + 0x18)
  if (logBlock > 6) return undefined
  const highBlocks = (incompat & INCOMPAT_64BIT) !== 0 ? u32(head, START + 0x150) : 0
  const blockBytes = 1024 * 2 ** logBlock
  const state = u16(head, START + 0x3a) & (STATE_CLEAN | STATE_ERRORS)
  const compat = u32(head, START + 0x5c)
  return {
    type: typeOf(compat, incompat, u32(head, START + 0x64)),
    ...labelOf(head, START + 0x78, 16),
    ...uuidOf(head, START + 0x68),
    ...lengthOf(joinWords(highBlocks, u32(head, START + 0x04)), blockBytes),
    needsRecovery: (incompat & INCOMPAT_RECOVER) !== 0,
    needsCheck: state !== STATE_CLEAN,
    ...spreadIf((compat & COMPAT_JOURNAL) !== 0 && u32(head, START + 0xe4) !== 0),
    ...((incompat & INCOMPAT_MMP) !== 0 && claimOf(read, u64(head, START + 0x168), blockBytes)),
  }
}

/**
 * What e2fsck notes even where there is nothing to correct, as at each boot before the root is mounted: when it was written and
 * checked, with their high bytes, kilobytes written, the checksum (ext4/super.rst). A mount for writing changes more.
 */
const CHECK_NOTES: readonly (readonly [offset: number, bytes: number])[] = [
  [0x30, 4],
  [0x40, 4],
  [0x178, 8],
  [0x274, 1],
  [0x277, 1],
  [0x3fc, 4],
]

/** A copy of the first bytes of ext2, ext3 or ext4, at least 2 KiB, that is the same whether e2fsck has looked at it or not. */
export function withoutCheckNotes(head: Uint8Array): Uint8Array {
  const copy = head.slice()
  for (const [offset, bytes] of CHECK_NOTES) copy.fill(0, START + offset, START + offset + bytes)
  return copy
}

/** `{ claim }` where the block of multiple mount protection says that nobody has let go (ext4/mmp.rst). */
function claimOf(
  read: ByteReader,
  block: number | undefined,
  blockBytes: number,
): { claim?: HostClaim } {
  const at = (block ?? Number.NaN) * blockBytes
  if (!Number.isSafeInteger(at)) return {}
  const mmp = read(at, 80)
  const sequence = u32(mmp, 4)
  if (u32(mmp, 0) !== MMP_MAGIC || sequence === MMP_SEQUENCE_CLEAN) return {}
  const host = labelOf(mmp, 16, 64).label ?? ''
  return { claim: { sequence, host, isCheck: sequence === MMP_SEQUENCE_FSCK } }
}

function typeOf(compat: number, incompat: number, roCompat: number): 'ext2' | 'ext3' | 'ext4' {
  if ((incompat & ~EXT3_INCOMPAT) !== 0 || (roCompat & ~EXT3_RO_COMPAT) !== 0) return 'ext4'
  return (compat & COMPAT_JOURNAL) !== 0 ? 'ext3' : 'ext2'
}
