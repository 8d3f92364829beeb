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
holdfast live
holdfast boot
udevadm control --exit
exec switch_root $NEWROOT /usr/sbin/guest
