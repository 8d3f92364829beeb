#!/bin/sh
# pre-pivot hook of the tests, before holdfast's: a dry run on the real machine, and whether it changed anything.
# Mounts, devices, what was written to the disks so far, and the files in /run/holdfast are compared.
look() {
    cat /proc/self/mountinfo
    for disk in /sys/block/sd* /sys/block/vd*; do
        [ -e "$disk" ] || continue
        read -r _ _ _ _ writes _ < "$disk/stat"
        echo "$disk $writes"
    done
    losetup -a
    dmsetup table
    ls /run/holdfast /run/initramfs /sys/block
}
# A mount below the root, before anybody takes the root apart: for the test that it is carried over. Read-only:
# a writable one writes by itself, while the dry run is watched.
_submount=$(getarg test.submount=)
[ -z "$_submount" ] || mount -t ext4 -o ro "$_submount" "${NEWROOT:-/sysroot}/opt"
# A device whose first mount fails, whatever the reason.
_failing=$(getarg test.failing=)
if [ -n "$_failing" ]; then
    _mount=$(command -v mount)
    mv "$_mount" "$_mount.real"
    cat > "$_mount" << EOF
#!/bin/sh
case " \$* " in
    *" $_failing "*) [ -e /run/failed ] || { : > /run/failed; echo 'it fails' >&2; exit 32; } ;;
esac
exec $_mount.real "\$@"
EOF
    chmod +x "$_mount"
fi
mkdir -p /run/dry-run
look > /run/dry-run/before 2>&1
NEWROOT=${NEWROOT:-/sysroot} holdfast boot --dry-run > /run/dry-run/script 2> /run/dry-run/messages
echo $? > /run/dry-run/status
look > /run/dry-run/after 2>&1
if ! sh -n /run/dry-run/script; then
    echo 'no sh script'
elif [ "$(cat /run/dry-run/before)" = "$(cat /run/dry-run/after)" ]; then
    echo 'changed nothing'
else
    echo 'changed something'
fi > /run/dry-run/verdict
echo "dry run: $(cat /run/dry-run/verdict)" > /dev/kmsg
