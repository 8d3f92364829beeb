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
  const [headHash, btrfsHash] = [hashOf(head), hashOf(btrfs)]
  const moreHash = more === undefined ? [] : [hashOf(more)]
  const formerHash = found?.type === 'xfs' ? hashOf(start) : headHash
  return {
    type: found?.type,
    label: found?.label,
    uuid: found?.uuid,
    sectors,
    fingerprint: [headHash, btrfsHash, ...moreHash].join('-'),
    formerFingerprint: [formerHash, btrfsHash].join('-'),
    showsChanges: isShown !== 'no',
    formerShowsChanges: isShown === 'in head',
  }
}

const FNV_PRIME = 0x01000193
/** What four zero bytes come to: most of a superblock and what lies around it. */
const FOUR_ZEROS = [1, 2, 3, 4].reduce((product) => Math.imul(product, FNV_PRIME), 1)

/**
 * FNV-1a, 32 bits, as eight hex digits: against accidents, not against forgery. By index, and four zeros at once: twelve
 * thousand rounds of an iterator would be a tenth of a boot's own time.
 */
function hashOf(bytes: Uint8Array): string {
  const { imul } = Math
  const words = new Uint32Array(bytes.slice(0, bytes.length & ~3).buffer)
  let hash = 0x811c9dc5
  for (let at = 0; at < bytes.length; at++) {
    if ((at & 3) === 0 && words[at >> 2] === 0) {
      hash = imul(hash, FOUR_ZEROS)
      at += 3
    } else {
      hash = imul(hash ^ (bytes[at] as number), FNV_PRIME)
    }
  }
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
