import { hasText, u64 } from '../bytes.ts'
import type { Superblock } from './fields.ts'
import { labelOf, lengthOf, spreadIf, uuidOf } from './identity.ts'

/** btrfs, from the kilobyte at 65536 (fs/btrfs, struct btrfs_super_block). Length: of all its devices. */
export function probeBtrfs(block: Uint8Array): Superblock | undefined {
  if (!hasText(block, 0x40, '_BHRfS_M')) return undefined
  return {
    type: 'btrfs',
    ...labelOf(block, 0x12b, 256),
    ...uuidOf(block, 0x20),
    ...lengthOf(u64(block, 0x70), 1),
    ...spreadIf(u64(block, 0x88) !== 1),
  }
}
