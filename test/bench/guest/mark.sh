# shellcheck shell=sh
# Sourced. bench_mark NAME notes in the kernel's log, which stamps it, that NAME was reached and how many processes
# were made since the machine was started. Builtins only: a mark must make no process of its own.
bench_mark() {
    while read -r _bench_key _bench_value _; do
        [ "$_bench_key" = processes ] && break
    done < /proc/stat
    # Debug level: kept in the log, not shown on the console, which is slow.
    echo "<7>bench $1 $_bench_value" > /dev/kmsg
}
