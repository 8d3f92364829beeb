#!/bin/sh
# pre-pivot hook: the mounted root gets its store. What that means is read by `holdfast boot`.

command -v getarg > /dev/null || . /lib/dracut-lib.sh

export NEWROOT
NODE_OPTIONS='' holdfast boot

# rd.holdfast.onfail=shell: after the shell it is tried once more.
if [ -s /run/holdfast/shell ]; then
    read -r _reason < /run/holdfast/shell
    rm -f /run/holdfast/shell
    emergency_shell -n holdfast "holdfast: $_reason"
    HOLDFAST_AFTER_SHELL=1 NODE_OPTIONS='' holdfast boot
    unset _reason
fi
