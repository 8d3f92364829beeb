/*
 * Scripts for a guest whose store is to overflow. The disk is one of 600 MB: on smaller ones ext4 has blocks of 1 KiB,
 * and then it may need room for its own tables in the moment when a preallocated block is written first.
 */

/** Large enough for ext4 to have blocks of 4 KiB. */
export const HOLDER_BYTES = 600e6

/** Takes all that is left of the store's file system, and the part that is kept for root. */
export const BALLAST = `
holder=/run/initramfs/overlayfs
fallocate -l $(($(df --output=avail -B1 $holder | tail -1) - 1048576)) $holder/ballast
dd if=/dev/zero of=$holder/ballast bs=64k oflag=append conv=notrunc status=none
sync -f $holder/ballast
`

/**
 * Rewrites files of the base as they are, until that fails: chunks are copied, and no metadata of the file system is
 * written, which could fail; that of the last moments stays in memory.
 */
export const REWRITE = `
mount -o remount,commit=3600 /
find /usr/lib -xdev -type f -size +300k | sort | head -100 > /run/files
xargs sha256sum < /run/files > /run/sums
rewrite() {
  while read -r file; do
    count=$(($(stat -c %s $file) / 65536))
    dd if=$file of=$file bs=64k count=$count conv=notrunc oflag=direct status=none || break
  done < /run/files
}
`
