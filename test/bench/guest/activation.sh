#!/bin/sh
# How long it takes to attach stores with many entries, and what they take of the kernel's memory. Prints lines
# "activation ENTRIES CHUNK-SECTORS CREATE-NS LOOK-NS MEMORY", memory in bytes; a store is called ENTRIES-CHUNK-SECTORS.
set -e
# udev has ended with the initramfs: nobody would answer dmsetup.
export DM_DISABLE_UDEV=1
modprobe -a loop dm_snapshot dm_zero ext4
holder=$(readlink -f /dev/disk/by-id/virtio-holder)
under=/run/initramfs/overlayfs
mkdir -p $under
mount -o noatime "$holder" $under

memory() {
    awk '$1 == "dm_exception" { print $3 * $4 }' /proc/slabinfo
}

now() {
    date +%s%N
}

look() {
    holdfast boot --dry-run --cmdline "rd.live.overlay=$holder:/$1" > /run/plan 2>&1
}

attach() {
    dmsetup create top --table "0 $sectors snapshot /dev/mapper/origin $loop PO $chunk"
}

for path in "$under"/*-*; do
    store=${path##*/}
    entries=${store%-*} chunk=${store#*-}
    sectors=$(((2 * entries + 2) * chunk))
    # The first time its pages come from the disk, which takes as long as the disk does.
    look "$store"
    begin=$(now)
    look "$store"
    look_ns=$(($(now) - begin))
    grep -q '^# persistent: ' /run/plan
    dmsetup create origin --table "0 $sectors zero"
    loop=$(losetup --find --show "$path")
    attach
    dmsetup remove top
    before=$(memory)
    begin=$(now)
    attach
    create_ns=$(($(now) - begin))
    echo "activation $entries $chunk $create_ns $look_ns $(($(memory) - before))"
    dmsetup remove top
    dmsetup remove origin
    losetup --detach "$loop"
done
