#!/bin/sh
# initqueue/settled hook, run again and again until the medium is there: exit status 5 is "not yet".

NODE_OPTIONS='' holdfast live
case $? in
    0 | 5) ;;
    *) die "holdfast: the live root cannot be mounted, see the message above" ;;
esac
