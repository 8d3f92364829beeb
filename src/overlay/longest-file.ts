/** What is said where a store has come to it. */
export const LONGEST_ON_FAT = 'a file on FAT has less than 4 GiB'
/** What can be done about it. */
export const LEAVE_FAT = 'Copy it, and the record beside it, to another file system.'

/**
 * The most bytes that a file can have on a file system of that type, as the kernel names it; undefined where that sets no
 * limit to a store. FAT has 32 bits for the length (s_maxbytes of fs/fat/inode.c).
 */
export function longestFileBytes(fsType: string | undefined): number | undefined {
  return fsType === 'vfat' || fsType === 'msdos' ? 2 ** 32 - 1 : undefined
}
