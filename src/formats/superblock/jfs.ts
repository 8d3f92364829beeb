import { type ByteReader, hasText } from '../bytes.ts'

/** Length of struct jfs_superblock (fs/jfs/jfs_superblock.h). */
const BYTES = 184
/** Which of its two logs fsck.jfs has written last: it writes one even where there is nothing to correct, as at each boot. */
const CHECK_LOG = 100

/**
 * The superblock of JFS, which lies at 32 KiB; undefined where there is none. A mount for writing puts the serial number of
 * its journal there (fs/jfs/jfs_mount.c); that it was checked and found clean leaves it as it is.
 */
export function readJfsState(read: ByteReader): Uint8Array | undefined {
  const superblock = read(32768, BYTES).slice()
  if (!hasText(superblock, 0, 'JFS1')) return undefined
  superblock[CHECK_LOG] = 0
  return superblock
}
