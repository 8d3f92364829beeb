#!/bin/sh
# What each load sends to the disk, by each way to keep it there. Prints lines
# "traffic WAY LOAD BYTES FLUSHES KEPT": KEPT is what the store, or the upper folder, has grown by.
# No timer writes anything: what is counted depends on nothing but what was done.
set -e
# udev has ended with the initramfs: nobody would answer dmsetup.
export DM_DISABLE_UDEV=1
echo 0 > /proc/sys/vm/dirty_writeback_centisecs
modprobe -a loop dm_snapshot overlay ext4
base=/dev/disk/by-id/virtio-base
holder=/dev/disk/by-id/virtio-holder
disk=$(readlink -f $holder)
lower=/run/lower under=/run/under top=/run/top
mkdir -p $lower $under $top
make_file_system='mkfs.ext4 -q -F -b 4096 -E lazy_itable_init=0,lazy_journal_init=0'
options=noatime,commit=3600,noinit_itable

make_base() {
    $make_file_system $base
    mount -o $options $base $lower
    dd if=/dev/urandom of=$lower/data bs=1M count=64 conv=fsync status=none
    umount $lower
}

set_up() {
    $make_file_system $holder
    mount -o $options $holder $under
    case $1 in
        loop)
            dd if=$base of=$under/root.img bs=1M conv=fsync status=none
            loop=$(losetup --find --show $under/root.img)
            mount -o $options "$loop" $top
            ;;
        overlayfs)
            mkdir $under/upper $under/work
            mount -o ro,noload $base $lower
            mount -t overlay -o lowerdir=$lower,upperdir=$under/upper,workdir=$under/work overlay $top
            ;;
        *)
            fallocate -l 300M $under/store
            loop=$(losetup --find --show $under/store)
            dmsetup create top --table "0 $(blockdev --getsz $base) snapshot $(readlink -f $base) $loop PO $1"
            mount -o $options /dev/mapper/top $top
            ;;
    esac
}

tear_down() {
    umount $top
    case $1 in
        overlayfs) umount $lower ;;
        loop) losetup --detach "$loop" ;;
        *) dmsetup remove top && losetup --detach "$loop" ;;
    esac
    umount $under
}

# Down to the disk, from the top.
settle() {
    sync -f $top
    sync -f $under
}

# Bytes and flushes that the disk has got so far, and bytes that are kept.
count() {
    case $1 in
        loop) kept=0 ;;
        overlayfs) kept=$(du -s -B 1 $under/upper | cut -f 1) ;;
        *) kept=$(dmsetup status top | sed 's:.* snapshot \([0-9]*\)/.*:\1:') && kept=$((kept * 512)) ;;
    esac
    # shellcheck disable=SC2046
    set -- $(cat "/sys/block/${disk#/dev/}/stat")
    echo "$(($7 * 512)) ${16} $kept"
}

measure() {
    settle
    echo 3 > /proc/sys/vm/drop_caches
    before=$(count "$1")
    perl /run/load.pl "$2" $top
    settle
    after=$(count "$1")
    # shellcheck disable=SC2086
    set -- "$1" "$2" $before $after
    echo "traffic $1 $2 $(($6 - $3)) $(($7 - $4)) $(($8 - $5))"
}

make_base
for way in loop overlayfs 8 16 32 64 128; do
    for loads in files 'random rewrite' install; do
        set_up $way
        for load in $loads; do
            measure $way "$load"
        done
        tear_down $way
    done
done
