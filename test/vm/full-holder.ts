/* Scripts for a guest whose store is to overflow. */

/** Takes all that is left of the store's file system, and the part that is kept for root. */
export const BALLAST = `
holder=/run/initramfs/overlayfs
fallocate -l $(($(df --output=avail -B1 $holder | tail -1) - 1048576)) $holder/ballast
dd if=/dev/zero of=$holder/ballast bs=64k oflag=append conv=notrunc status=none
sync -f $holder/ballast
`

/**
 * Rewrites the first MiB of files of the base as they are, until that fails or so many sectors of the store are used: chunks
 * are copied, and no metadata of the file system is written, which could fail; that of the last moments stays in memory.
 * What was committed before is in its place: the kernel would write it there within 30 s, and gives the journal up when
 * that fails.
 */
export const REWRITE = `
mount -o remount,commit=3600 /
sync
find /usr/lib -xdev -type f -size +300k | sort | head -100 > /run/files
xargs sha256sum < /run/files > /run/sums
rewrite() {
  while read -r file; do
    count=$(($(stat -c %s $file) / 65536))
    dd if=$file of=$file bs=64k count=$((count < 16 ? count : 16)) conv=notrunc oflag=direct status=none || break
    [ "$(dmsetup status live-snapshot | sed 's,/.*,,; s/.* //')" -lt "\${1:-2000000000}" ] || break
  done < /run/files
}
`
