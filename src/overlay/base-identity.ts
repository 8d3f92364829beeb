import type { ByteReader } from '../formats/bytes.ts'
import { withoutCheckNotes } from '../formats/superblock/ext.ts'
import { probeSuperblock } from '../formats/superblock.ts'

/** What tells one base from another, even when an upgrade has kept label and UUID. */
export interface BaseIdentity {
  readonly type: string | undefined
  readonly label: string | undefined
  readonly uuid: string | undefined
  readonly sectors: number
  /** Of the superblock and what follows it: other contents, or a mount that wrote, change it. */
  readonly fingerprint: string
}

/** Superblock and group descriptors of ext4, the allocation group headers of xfs. */
const START_BYTES = 8192
/** The superblock of btrfs. */
const BTRFS_OFFSET = 65536
const BTRFS_BYTES = 4096

/** Reads the identity of a base of that length: 12 KiB, wherever on it they lie. */
export function readBaseIdentity(read: ByteReader, sectors: number): BaseIdentity {
  const found = probeSuperblock(read)
  const head = read(0, START_BYTES)
  const isExt = found?.type.startsWith('ext') === true
  const parts = [isExt ? withoutCheckNotes(head) : head, read(BTRFS_OFFSET, BTRFS_BYTES)]
  return {
    type: found?.type,
    label: found?.label,
    uuid: found?.uuid,
    sectors,
    fingerprint: parts.map(fingerprint).join('-'),
  }
}

/** FNV-1a, 32 bits, as eight hex digits: against accidents, not against forgery. */
function fingerprint(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** Whether both are the same base. */
export function isSameBase(one: BaseIdentity, other: BaseIdentity): boolean {
  return (
    one.fingerprint === other.fingerprint &&
    one.sectors === other.sectors &&
    one.uuid === other.uuid
  )
}
