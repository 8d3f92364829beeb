#!/bin/sh
# What becomes of a store when files are deleted and fstrim runs, with and without the table's feature for it.
# Prints lines "discards WAY STAGE ALLOCATED USED FREE", in bytes: the blocks of the store's file, the chunks in use
# as dm counts them, what is free beside the store. Then "fstrim WAY STATUS: its words".
set -e
# udev has ended with the initramfs: nobody would answer dmsetup.
export DM_DISABLE_UDEV=1
modprobe -a loop dm_snapshot ext4
base=$(readlink -f /dev/disk/by-id/virtio-base)
holder=/dev/disk/by-id/virtio-holder
under=/run/under top=/run/top
mkdir -p $under $top

look() {
    sync
    used=$(dmsetup status top | sed 's:.* snapshot \([0-9]*\)/.*:\1:')
    allocated=$(stat -c %b $under/store)
    free=$(df -B 1 --output=avail $under | tail -n 1)
    echo "discards $way $1 $((allocated * 512)) $((used * 512)) $free"
}

try() {
    mkfs.ext4 -q -F -b 4096 $holder
    mount -o noatime $holder $under
    fallocate -l 300M $under/store
    loop=$(losetup --find --show $under/store)
    dmsetup create top --table "0 $(blockdev --getsz "$base") snapshot $base $loop PO 32 $*"
    mount /dev/mapper/top $top
    dd if=/dev/zero of=$top/much bs=1M count=100 conv=fsync status=none
    look written
    rm $top/much
    look deleted
    status=0
    words=$(fstrim $top 2>&1) || status=$?
    echo "fstrim $way $status: $words"
    look trimmed
    dd if=/dev/zero of=$top/again bs=1M count=100 conv=fsync status=none
    look rewritten
    umount $top
    dmsetup remove top
    losetup --detach "$loop"
    umount $under
}

mkfs.ext4 -q -F -b 4096 "$base"
way=without
try
way=with
try 1 discard_zeroes_cow
