import { cached, recipe } from '../image/cache.ts'
import { inMountNamespace } from '../image/command.ts'
import { rootTree, type Suite } from '../image/tree.ts'

// dracut's network and nfs modules need the first three. The server runs on this computer, out of the tree.
const PACKAGES = ['dracut-network', 'procps', 'nfs-common', 'nfs-ganesha', 'nfs-ganesha-vfs']

/** A suite's root tree, with the same kernel, and what network file systems need added to it. */
export async function networkTree(suite: Suite): Promise<string> {
  const tree = await rootTree(suite)
  const ingredients = [tree, recipe(import.meta.url)]
  return cached(`${suite}-network-tree`, ingredients, (path) =>
    inMountNamespace(INSTALL, [tree, path, ...PACKAGES]),
  )
}

const INSTALL = `tree=$1 path=$2
shift 2
cp -a "$tree" "$path"
printf '#!/bin/sh\\nexit 101\\n' > "$path/usr/sbin/policy-rc.d"
chmod 755 "$path/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$path/etc/resolv.conf"
mount -t proc proc "$path/proc"
mount --rbind /dev "$path/dev"
export DEBIAN_FRONTEND=noninteractive
chroot "$path" apt-get --quiet update
chroot "$path" apt-get --quiet --yes --no-install-recommends install "$@"
chroot "$path" apt-get clean
rm -r "$path"/var/lib/apt/lists/*
umount -l "$path/dev" "$path/proc"
`
