import type { ByteReader } from '../formats/bytes.ts'
import { readGeneration } from '../formats/generation.ts'
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

/** A base as it is now. */
export interface SeenBase extends BaseIdentity {
  /** The fingerprint that earlier records have of it. */
  readonly formerFingerprint: string
  /** Whether a mount that wrote changes the fingerprint; and whether it changed the former. */
  readonly showsChanges: boolean
  readonly formerShowsChanges: boolean
}

/** Superblock and group descriptors of ext4, the first allocation group headers of xfs. */
const START_BYTES = 8192
/** The superblock of btrfs. */
const BTRFS_OFFSET = 65536
const BTRFS_BYTES = 4096

/** Reads the identity of a base of that length: 12 KiB, and what readGeneration wants to see. */
export function readBaseIdentity(read: ByteReader, sectors: number): SeenBase {
  const found = probeSuperblock(read)
  const start = read(0, START_BYTES)
  const { head, more, isShown } = readGeneration(found?.type, start, read)
  const btrfs = read(BTRFS_OFFSET, BTRFS_BYTES)
  return {
    type: found?.type,
    label: found?.label,
    uuid: found?.uuid,
    sectors,
    fingerprint: fingerprint([head, btrfs, ...(more === undefined ? [] : [more])]),
    formerFingerprint: fingerprint([found?.type === 'xfs' ? start : head, btrfs]),
    showsChanges: isShown !== 'no',
    formerShowsChanges: isShown === 'in head',
  }
}

/** FNV-1a, 32 bits, as eight hex digits for each part: against accidents, not against forgery. */
function fingerprint(parts: readonly Uint8Array[]): string {
  return parts.map(hashOf).join('-')
}

function hashOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** Whether a record is of this base as it is now. */
export function isSameBase(recorded: BaseIdentity, base: SeenBase): boolean {
  return (
    [base.fingerprint, base.formerFingerprint].includes(recorded.fingerprint) &&
    recorded.sectors === base.sectors &&
    recorded.uuid === base.uuid
  )
}

/** What a record says of a base. */
export function toIdentity({ type, label, uuid, sectors, fingerprint }: SeenBase): BaseIdentity {
  return { type, label, uuid, sectors, fingerprint }
}
