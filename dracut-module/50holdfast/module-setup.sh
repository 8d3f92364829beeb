#!/bin/bash
# holdfast: keeps the changes made to a read-only root.

# called by dracut
check() {
    require_binaries holdfast mount umount losetup dmsetup || return 1
    # Only when asked for: dracut.conf.d/50-holdfast.conf asks.
    return 255
}

# called by dracut
depends() {
    local lvm=''
    # State may lie on a volume that is not the root's, which a host-only initramfs would not look for.
    if [[ -e ${dracutsysrootdir-}/etc/sysconfig/readonly-root ]] && find_binary lvm > /dev/null; then
        lvm=lvm
    fi
    echo base dm fs-lib rootfs-block shutdown udev-rules $lvm
}

# called by dracut
installkernel() {
    # A base may lie on any medium and a store on any file system: not host-only.
    hostonly='' instmods loop dm-mod dm-snapshot overlay \
        squashfs erofs isofs ext4 xfs btrfs vfat exfat ntfs3 nls_ascii nls_cp437 nls_utf8
}

# called by dracut
install() {
    inst_multiple mount umount losetup dmsetup modprobe cp dd fallocate sh install find rm sync
    # Where the system has them: fs-lib brings them for the file systems of this machine alone.
    inst_multiple -o e2fsck fsck.fat
    # The name of this machine, where it has a folder of that name on a server.
    inst_multiple -o getent
    # Labels of SELinux for the layer of kept files.
    inst_multiple -o chcon
    install_executable
    inst_hook cmdline 29 "$moddir/parse-live-root.sh"
    inst_simple "$moddir/mount-live-root.sh" /usr/lib/holdfast/mount-live-root.sh
    inst_hook pre-pivot 05 "$moddir/set-up-store.sh"
    inst_hook shutdown 24 "$moddir/take-down.sh"
    dracut_need_initqueue
}

# dracut strips what has x, and GNU strip destroys a pkg executable: such a one travels without x, and the hooks give it
# back. Its libraries are resolved while it still has it. The static one survives and needs none of this.
install_executable() {
    local executable
    executable=$(find_binary holdfast)
    DRACUT_RESOLVE_DEPS=1 inst_binary "$executable" /usr/sbin/holdfast
    inst_multiple chmod
    if [[ $(stat -L -c %s "$executable") -gt 10000000 ]]; then
        chmod a-x "$initdir/usr/sbin/holdfast"
    fi
}
