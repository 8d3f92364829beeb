#!/bin/sh
# What a boot with many kept folders takes. Prints lines "statetab ENTRIES RUN NS PROCESSES MOUNT-CALLS MOUNTS"; run 1
# copies each folder to an empty state device, run 2 finds them there, run 3 finds that all is done.
set -e
modprobe -a ext4 overlay
trace=/sys/kernel/tracing
[ -e $trace/trace ] || mount -t tracefs tracefs $trace

lay_out() {
    mkdir -p "$1/etc/sysconfig" "$1/srv" "$1/state" "$1/var/lib/stateless/state" "$1/var/lib/stateless/writable"
    echo READONLY=yes > "$1/etc/sysconfig/readonly-root"
    printf 'LABEL=ROOT / ext4 ro 0 0\n/state /var/lib/stateless/state none bind 0 0\n' > "$1/etc/fstab"
    for number in $(seq "$2"); do
        echo "/srv/folder-$number"
    done > "$1/etc/statetab"
    (cd "$1" && sed 's,^/,,' etc/statetab | xargs mkdir && sed 's,^/\(.*\),echo text > \1/file,' etc/statetab | sh)
}

processes() {
    awk '$1 == "processes" { print $2 }' /proc/stat
}

measure() {
    echo > $trace/trace
    before=$(processes)
    begin=$(date +%s%N)
    holdfast boot > /run/said 2>&1 || { cat /run/said && exit 1; }
    end=$(date +%s%N)
    # date is one of them.
    made=$(($(processes) - before - 3))
    calls=$(grep -c ': sys_mount(' $trace/trace || :)
    echo "statetab $1 $2 $((end - begin)) $made $calls $(grep -c /mnt/root/srv /proc/self/mountinfo)"
}

boot() {
    mount -t tmpfs tmpfs /run
    mkdir /run/initramfs
    mount --bind "/mnt/$1" /mnt/root
    mount -o remount,bind,ro /mnt/root
    mount --bind /mnt/state /mnt/root/state
}

if [ "$1" = inside ]; then
    boot "$2"
    measure "$2" "$3"
    [ "$3" = 1 ] || measure "$2" 3
    exit
fi

# A tmpfs for everything: the disk's own time is not what is measured.
mount -t tmpfs tmpfs /mnt
mkdir /mnt/root /mnt/upper /mnt/work
cp "$0" /mnt/script
echo 1 > $trace/events/syscalls/sys_enter_mount/enable
export NEWROOT=/mnt/root DRACUT_SYSTEMD=1
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc
touch /etc/initrd-release
for entries in 250 500 1000 2000; do
    lay_out "/mnt/$entries" $entries
    mkdir /mnt/state
    for run in 1 2; do
        # The namespace is gone with its process, and all mounts with it.
        unshare --mount sh /mnt/script inside $entries $run
    done
    rm -r /mnt/state "/mnt/${entries:?}"
done
