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
bench_part exec sh -c :
for _bench_round in 1 2 3; do
    bench_part version holdfast --version
    bench_part probe holdfast probe
    bench_part dry-run holdfast boot --dry-run
    bench_part mount mount --version
    bench_part umount umount --version
    bench_part losetup losetup --version
    bench_part dmsetup dmsetup --version
    bench_part modprobe modprobe --version
    bench_part cp cp --version
done
