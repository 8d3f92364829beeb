import { type ByteReader, hasText, u16 } from './bytes.ts'
import { withoutCheckNotes } from './superblock/ext.ts'
import { readF2fsState } from './superblock/f2fs.ts'
import type { SuperblockType } from './superblock/fields.ts'
import { readJfsState } from './superblock/jfs.ts'
import { isXfsV5, readXfsGroups, withoutMountNotes } from './superblock/xfs.ts'

/** What of a file system is another one when it has been mounted for writing since. */
export interface Generation {
  /** Its first bytes, without what a mount or a check that writes nothing else leaves there. */
  readonly head: Uint8Array
  /** What is to be looked at besides. */
  readonly more?: Uint8Array
  /** Where a mount that wrote shows, the superblock of btrfs counted to the head. no: in nothing that is cheap to read. */
  readonly isShown: 'in head' | 'in more' | 'no'
}

/**
 * Where its type shows that it was mounted for writing. `head` are its first 8 KiB, and the superblock of btrfs is taken for
 * read; beyond that 4 KiB at most, of xfs a sector or two for each of 64 allocation groups.
 */
export function readGeneration(
  type: SuperblockType | undefined,
  head: Uint8Array,
  read: ByteReader,
): Generation {
  switch (type) {
    case 'ext2':
    case 'ext3':
    case 'ext4':
      return { head: withoutCheckNotes(head), isShown: 'in head' }
    case 'xfs':
      return {
        head: withoutMountNotes(head),
        more: readXfsGroups(head, read),
        isShown: isXfsV5(head) ? 'in head' : 'no',
      }
    // The superblock of btrfs has a generation. The others are made once, with time and checksum, and never written to.
    case 'btrfs':
    case 'squashfs':
    case 'erofs':
    case 'iso9660':
      return { head, isShown: 'in head' }
    case 'f2fs':
      return inMore(head, readF2fsState(head, read))
    case undefined:
      return countsMounts(head, read)
        ? { head, isShown: 'in head' }
        : inMore(head, readJfsState(read))
    default:
      return { head, isShown: 'no' }
  }
}

function inMore(head: Uint8Array, more: Uint8Array | undefined): Generation {
  return more === undefined ? { head, isShown: 'no' } : { head, more, isShown: 'in more' }
}

/**
 * NILFS2 in its superblock at 1 KiB (fs/nilfs2/super.c, nilfs_setup_super), ReiserFS 3.6 in that at 64 KiB, where that of
 * btrfs would be (fs/reiserfs/super.c, reiserfs_remount).
 */
function countsMounts(head: Uint8Array, read: ByteReader): boolean {
  const reiser = read(65536 + 52, 9)
  return (
    u16(head, 1024 + 6) === 0x3434 ||
    hasText(reiser, 0, 'ReIsEr2Fs') ||
    hasText(reiser, 0, 'ReIsEr3Fs')
  )
}
