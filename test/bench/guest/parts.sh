# shellcheck shell=sh
# Pre-pivot hook: what the parts of a run take when nothing else goes on.
. /usr/lib/bench/mark.sh
bench_part() {
    _bench_name=$1
    shift
    bench_mark "part-begin:$_bench_name"
    "$@" > /dev/null 2>&1
    bench_mark "part-end:$_bench_name"
}
# A start and nothing more: on what it does not take for an initramfs it refuses at once. dracut 106 has one of the two.
bench_release() {
    for _bench_file in /usr/lib/initrd-release /etc/initrd-release; do
        if [ -e "$_bench_file$1" ] || [ -L "$_bench_file$1" ]; then mv "$_bench_file$1" "$_bench_file$2"; fi
    done
}
bench_part exec sh -c :
bench_release '' .away
if [ ! -e /usr/lib/initrd-release ] && [ ! -e /etc/initrd-release ]; then
    for _bench_round in 1 2 3; do
        bench_part start holdfast boot
    done
fi
bench_release .away ''
for _bench_round in 1 2 3; do
    bench_part probe holdfast probe
    bench_part dry-run holdfast boot --dry-run
    bench_part mount mount --version
    bench_part umount umount --version
    bench_part losetup losetup --version
    bench_part dmsetup dmsetup --version
    bench_part modprobe modprobe --version
    bench_part cp cp --version
done
