import { type ByteReader, u8, u32, u64 } from '../bytes.ts'
import { decodeUtf16 } from '../unicode.ts'
import type { Superblock } from './fields.ts'
import { labelFrom, lengthOf, spreadIf, uuidOf } from './identity.ts'

const START = 1024
/** Its path, of devs[], which is empty where there is but one. */
const SECOND_DEVICE = 2201 + 68

/** F2FS (include/linux/f2fs_fs.h, struct f2fs_super_block). */
export function probeF2fs(head: Uint8Array): Superblock | undefined {
  if (u32(head, START) !== 0xf2f52010) return undefined
  return {
    type: 'f2fs',
    ...labelFrom(decodeUtf16(head.subarray(START + 124, START + 124 + 1024))),
    ...uuidOf(head, START + 108),
    ...lengthOf(u64(head, START + 36), 2 ** u32(head, START + 16)),
    ...spreadIf(u8(head, START + SECOND_DEVICE) !== 0),
  }
}

/** Number of the checkpoint, valid blocks; then valid nodes and inodes, next free node (struct f2fs_checkpoint). */
const COUNTS: readonly (readonly [offset: number, bytes: number])[] = [
  [0, 8],
  [16, 8],
  [144, 12],
]

/**
 * What the newer of its two checkpoints counts; undefined for a geometry that the kernel does not take. Whatever is
 * written is in a checkpoint with a higher number at the latest when it is mounted the next time, read-only too
 * (fs/f2fs/recovery.c); the superblock stays as it is.
 */
export function readF2fsState(head: Uint8Array, read: ByteReader): Uint8Array | undefined {
  const [logBlock, logSegment] = [u32(head, START + 16), u32(head, START + 20)]
  if (logBlock < 12 || logBlock > 16 || logSegment !== 9) return undefined
  const first = u32(head, START + 76)
  const packs = [first, first + 2 ** logSegment].map((block) => read(block * 2 ** logBlock, 156))
  const [one, other] = packs.map(countsOf)
  if (one === undefined || other === undefined) return undefined
  return isHigher(other, one) ? other : one
}

function countsOf(pack: Uint8Array): Uint8Array {
  return new Uint8Array(COUNTS.flatMap(([at, bytes]) => [...pack.subarray(at, at + bytes)]))
}

/** Whether the number of a checkpoint, 64 bits, little endian, is higher than that of another. */
function isHigher(one: Uint8Array, other: Uint8Array): boolean {
  const [high, otherHigh] = [u32(one, 4), u32(other, 4)]
  return high === otherHigh ? u32(one, 0) > u32(other, 0) : high > otherHigh
}
