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
    local more=()
    # State may lie on a volume that is not the root's, which a host-only initramfs would not look for.
    if [[ -e ${dracutsysrootdir-}/etc/sysconfig/readonly-root ]] && find_binary lvm > /dev/null; then
        more+=(lvm)
    fi
    if keeps_state_on_server; then
        # dracut leaves a module out that depends on one that cannot be had.
        if (add_dracutmodules+=' nfs ' && check_module nfs) &> /dev/null; then
            more+=(nfs)
        else
            dwarn "holdfast: state is kept on a server, and dracut's module nfs cannot be had"
        fi
    fi
    echo base dm fs-lib rootfs-block shutdown udev-rules "${more[@]}"
}

# Whether readonly-root names a server, or a mount point that fstab has on one.
keeps_state_on_server() {
    local etc=${dracutsysrootdir-}/etc source at type
    grep -Eqs "^[[:blank:]]*CLIENTSTATE=[\"']?[^\"'[:blank:]#;]" "$etc/sysconfig/readonly-root" && return
    while read -r source at type _; do
        [[ $source != \#* && $type == nfs* ]] || continue
        echo /var/lib/stateless/state | grep -Fqs -e "$at" - "$etc/sysconfig/readonly-root" && return
    done 2> /dev/null < "$etc/fstab"
    return 1
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
