# shellcheck shell=sh
# What `holdfast boot` comes to, typed by one who knows the answers.
mkdir -p /run/initramfs/holder
mount -t ext4 -o rw,noatime /dev/sdb /run/initramfs/holder
_bench_loop=$(losetup --find --show /run/initramfs/holder/persist-hda.img)
umount "$NEWROOT"
dmsetup create live-snapshot --table "0 1048576 snapshot /dev/mapper/live-base $_bench_loop PO 8"
dmsetup create live-rw --table "0 1048576 linear /dev/mapper/live-snapshot 0"
mount -t ext4 -o rw /dev/mapper/live-rw "$NEWROOT"
