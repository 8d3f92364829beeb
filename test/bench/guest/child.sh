#!/bin/sh
# In place of the program of this name: the program itself between two marks, and what its parent needed so far. The kernel and
# udev run some of these programs, too.
program=${0##*/}
read -r _bench_parent < /proc/$PPID/comm
[ "$_bench_parent" = holdfast ] || exec "/usr/bench/$program" "$@"
. /usr/lib/bench/mark.sh
while read -r _bench_key _bench_value _; do
    [ "$_bench_key" = VmHWM: ] && echo "<7>bench-value peak $_bench_value" > /dev/kmsg
done < /proc/$PPID/status
bench_mark "child-begin:$program"
"/usr/bench/$program" "$@"
status=$?
bench_mark "child-end:$program"
exit $status
