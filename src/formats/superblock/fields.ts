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
  /** ext and vfat: damage was seen, or it was left in the middle of work with no journal to tell of it. */
  readonly needsCheck?: boolean
  /** A part of it, as another device of several or its journal, is not on this device. */
  readonly isSpread?: true
  /** ext4 with multiple mount protection (MMP): who has it, or had it when power went. */
  readonly claim?: HostClaim
}

/** What a host writes to a file system while it has it, again and again with another number. */
export interface HostClaim {
  readonly sequence: number
  /** '' where it has no name. */
  readonly host: string
  /** It is checked there, and the number does not change. */
  readonly isCheck: boolean
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
