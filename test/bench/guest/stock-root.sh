#!/bin/sh
# In place of /sbin/dmsquash-live-root: the script itself between two marks, in one shell as ever.
. /usr/lib/bench/mark.sh
bench_mark stock-begin
bench_end() {
    # The script left a mount hook of one line: it gets a mark before and after.
    # shellcheck disable=SC2154
    for _bench_hook in "$hookdir"/mount/01-*-live.sh; do
        [ -e "$_bench_hook" ] || continue
        read -r _bench_mount < "$_bench_hook"
        printf '. /usr/lib/bench/mark.sh\nbench_mark stock-begin\n%s\nbench_mark stock-end\nbench_mark last\n' \
            "$_bench_mount" > "$_bench_hook"
    done
    while read -r _bench_key _bench_value _; do
        [ "$_bench_key" = VmHWM: ] && echo "<7>bench-value peak $_bench_value" > /dev/kmsg
    done < /proc/$$/status
    bench_mark stock-end
}
trap bench_end EXIT
. /usr/lib/bench/dmsquash-live-root
