#!/bin/sh
# cmdline hook: root=live:... is ours. What the argument means is read by `holdfast live`, once udev has settled.

command -v getarg > /dev/null || . /lib/dracut-lib.sh

# A pkg executable travels without x, see module-setup.sh.
[ -x /usr/sbin/holdfast ] || chmod a+x /usr/sbin/holdfast

# Stock dmsquash-live, where it was not left out, mounts the medium and makes live-rw; `holdfast boot` adopts that.
[ ! -e /sbin/dmsquash-live-root ] || return 0

[ -n "$root" ] || root=$(getarg root=)
case $root in
    live:*) ;;
    *) getargbool 0 rd.live.image || return 0 ;;
esac

# shellcheck disable=SC2034,SC2154
rootok=1
# shellcheck disable=SC2154
echo '[ -e /run/holdfast/live ]' > "$hookdir/initqueue/finished/holdfast-live.sh"
echo '. /usr/lib/holdfast/mount-live-root.sh' > "$hookdir/initqueue/settled/holdfast-live.sh"
