#!/bin/bash
# What the tests add to an initramfs with holdfast.

# called by dracut
check() {
    return 255
}

# called by dracut
install() {
    inst_multiple cat ls losetup dmsetup mkdir mv chmod
    inst_hook pre-pivot 04 "$moddir/dry-run.sh"
}
