/**
 * File systems that OverlayFS can have its upper layer on: they have attributes of the trusted kind and types in their folders
 * (Documentation/filesystems/overlayfs.rst, "Upper and lower"). Others are mounted all the same, and fail later.
 */
const UPPER_TYPES = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'bcachefs', 'zfs', 'tmpfs']

/** Why a file system of that type cannot hold an upper layer; undefined where it can. */
export function findTypeHindrance(type: string | undefined): string | undefined {
  if (type !== undefined && UPPER_TYPES.includes(type)) return undefined
  return `OverlayFS cannot have its upper layer on ${type ?? 'what is not mounted'}`
}
