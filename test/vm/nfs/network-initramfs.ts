import { cached, recipe } from '../image/cache.ts'
import { inMountNamespace } from '../image/command.ts'
import { holdfastHash, installHoldfast } from '../image/holdfast.ts'
import { kernelRelease, type Suite } from '../image/tree.ts'
import { networkTree } from './network-tree.ts'
import { SERVER } from './nfs-server.ts'

/**
 * An initramfs with holdfast, without systemd, in which dracut brings up the network and can mount NFS: holdfast asks for that
 * itself, since the root names a server.
 */
export async function networkInitramfs(suite: Suite): Promise<string> {
  const tree = await networkTree(suite)
  const ingredients = [tree, holdfastHash(), recipe(import.meta.url)]
  return cached(`${suite}-initramfs-network`, ingredients, (path) =>
    inMountNamespace(script(installHoldfast('$PWD/merged')), [tree, path, kernelRelease(tree)]),
  )
}

const OMIT = [
  ...['hwdb', 'nvdimm', 'virtfs', 'virtiofs', 'kernel-modules-extra', 'lunmask', 'resume'],
  ...['systemd', 'systemd-initrd', 'dracut-systemd', 'systemd-udevd', 'systemd-journald'],
  ...['systemd-tmpfiles', 'systemd-sysctl', 'systemd-modules-load', 'systemd-ask-password'],
  ...['systemd-cryptsetup', 'systemd-pcrphase', 'systemd-sysusers', 'systemd-networkd'],
  ...['ifcfg', 'nbd', 'iscsi', 'plymouth'],
]

function script(install: readonly string[]): string {
  return `tree=$1 image=$2 release=$3
mount -t tmpfs tmpfs /mnt
cd /mnt
mkdir upper work merged
mount -t overlay -o lowerdir="$tree",upperdir=upper,workdir=work overlay merged
${install.map((word) => `"${word}"`).join(' ')}
mkdir -p merged/etc/sysconfig
echo CLIENTSTATE=${SERVER}:/exp > merged/etc/sysconfig/readonly-root
mount -t proc proc merged/proc
mount -t sysfs sysfs merged/sys
mount --rbind /dev merged/dev
mount -t tmpfs tmpfs merged/var/tmp
chroot merged depmod "$release"
chroot merged env -u TMPDIR dracut --quiet --force --no-hostonly --no-hostonly-cmdline --reproducible \\
  --no-compress --kver "$release" --add 'holdfast network-legacy' --omit '${OMIT.join(' ')}' /var/tmp/initramfs
cp merged/var/tmp/initramfs "$image"
`
}
