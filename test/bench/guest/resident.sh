#!/bin/sh
# What a program that stays takes. Sourced before a line "resident SECONDS COMMAND [ARGUMENT...]". Prints lines
# "VmRSS=...", "VmHWM=..." in kB, "ticks=..." of 10 ms that it and the children it has waited for have used, user and
# kernel, "elapsed=..." in seconds, and "filled=..." sectors of the store. Fails where it has ended before its time.
# Nothing can be asked of a root that has failed.
failed=
used() {
    if [ -n "$failed" ]; then echo 0; else dmsetup status live-snapshot | sed 's,/.*,,; s/.* //'; fi
}

resident() {
    seconds=$1
    shift
    "$@" > /run/resident 2>&1 &
    pid=$!
    read -r begin _ < /proc/uptime
    before=$(used)
    sleep "$seconds"
    read -r end _ < /proc/uptime
    kill -0 $pid || { cat /run/resident && return 1; }
    sed -n 's/^\(VmRSS\|VmHWM\):[^0-9]*\([0-9]*\) kB/\1=\2/p' /proc/$pid/status
    # The name in brackets may have spaces.
    # shellcheck disable=SC2046
    set -- $(sed 's/.*) //' /proc/$pid/stat)
    echo "ticks=$((${12} + ${13} + ${14} + ${15}))"
    echo "filled=$(($(used) - before))"
    echo "elapsed=$((${end%.*} - ${begin%.*}))"
    kill $pid
}

# What happens meanwhile. dracut mounts an ordinary root read-only, and leaves it to the root to change that.
mount -o remount,rw / || exit 1

nothing() { :; }

small_writes() {
    n=0
    touch /small || exit 1
    while sleep 2; do
        dd if=/dev/zero of=/small-$n bs=4k count=1 conv=fsync status=none
        n=$((n + 1))
    done &
}

full() {
    dd if=/dev/zero of=/run/initramfs/overlayfs/ballast bs=64k status=none
    dd if=/dev/zero of=/large bs=64k conv=fsync status=none
    dmsetup status live-snapshot | grep -q Overflow || exit 1
    failed=yes
}
