/** What a device or file holds, in the words of blkid(8) and udev. */
export interface Superblock {
  /** For a file system: what `mount -t` takes. */
  readonly type: SuperblockType
  readonly label?: string
  readonly uuid?: string
  /** Length of the file system, where its superblock tells. */
  readonly bytes?: number
  /** ext alone: the journal must be replayed, so even a read-only mount would write. */
  readonly needsRecovery?: boolean
  /** ext alone: the kernel saw damage, and no e2fsck has run since. */
  readonly hasErrors?: boolean
}

export type SuperblockType =
  | 'ext2'
  | 'ext3'
  | 'ext4'
  | 'iso9660'
  | 'squashfs'
  | 'erofs'
  | 'xfs'
  | 'btrfs'
  | 'vfat'
  | 'exfat'
  | 'ntfs'
  | 'f2fs'
  | 'swap'
  | 'crypto_LUKS'
  | 'DM_snapshot_cow'
  | 'LVM2_member'
