#!/bin/sh
# In place of dracut's init, where a test boots often: the same commands of holdfast, over disks that are known, with
# nothing to wait for. udev is there for device-mapper alone.
export PATH=/usr/sbin:/usr/bin NEWROOT=/sysroot
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs /run
# sd_mod before the bus: else the disks get their names in any order.
modprobe -a sd_mod virtio_pci virtio_scsi virtio_blk
/usr/lib/systemd/systemd-udevd --daemon
mkdir -p $NEWROOT
read -r cmdline < /proc/cmdline
for word in $cmdline; do
    case $word in
        root=/dev/*) mount -o ro "${word#root=}" "$NEWROOT" ;;
        # Somebody has attached that store already.
        test.attached=*) modprobe loop && mkdir /run/other && mount /dev/sdb /run/other && losetup -f "/run/other${word#*=}" ;;
    esac
done
holdfast live
holdfast boot
udevadm control --exit
exec switch_root $NEWROOT /usr/sbin/guest
