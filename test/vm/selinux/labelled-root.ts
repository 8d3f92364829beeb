import { cached } from '../image/cache.ts'
import { inMountNamespace } from '../image/command.ts'
import { copyOf } from '../image/disk.ts'
import { rootImage } from '../image/root-image.ts'
import { rootTree, type Suite } from '../image/tree.ts'

// The policy, and the programs that lay labels and compare them.
const PACKAGES = 'selinux-policy-default policycoreutils selinux-utils'

/** An archive of what these packages add to a suite's root tree. */
async function policyArchive(suite: Suite): Promise<string> {
  const tree = await rootTree(suite)
  return cached(`${suite}-selinux-policy`, [tree, INSTALL, PACKAGES], (path) =>
    inMountNamespace(INSTALL, [tree, path, PACKAGES]),
  )
}

const INSTALL = `tree=$1 path=$2 packages=$3
mount -t tmpfs tmpfs /mnt
cd /mnt
mkdir upper work merged
mount -t overlay -o lowerdir="$tree",upperdir=upper,workdir=work overlay merged
printf '#!/bin/sh\nexit 101\n' > merged/usr/sbin/policy-rc.d
chmod 755 merged/usr/sbin/policy-rc.d
cp /etc/resolv.conf merged/etc/resolv.conf
mount -t proc proc merged/proc
mount --rbind /dev merged/dev
export DEBIAN_FRONTEND=noninteractive
chroot merged apt-get --quiet update
chroot merged apt-get --quiet --yes --no-install-recommends install $packages
umount -l merged/dev merged/proc merged
find upper -type c -delete
tar -C upper --exclude=./usr/share --exclude=./var/lib/dpkg --exclude=./var/lib/apt --exclude=./var/cache \
  --exclude=./usr/sbin/policy-rc.d --exclude=./etc/resolv.conf -cf "$path" .
`

/**
 * The root image with Debian's SELinux policy, which denies nothing unless enforcing=1 asks for it, the files given (absolute paths and their
 * texts), and on every file the label that the policy has for it. The kernel that makes it need not know SELinux.
 */
export async function labelledRoot(suite: Suite, files: Record<string, string>): Promise<string> {
  const image = await rootImage(suite)
  const policy = await policyArchive(suite)
  const path = await copyOf(image)
  await inMountNamespace(LABEL, [path, policy, ...Object.entries(files).flat()])
  return path
}

// -m: else setfiles leaves out what the kernel shows no labels of, which here is everything.
const LABEL = `image=$1 policy=$2
shift 2
mount -o loop "$image" /mnt
cd /mnt
tar -xf "$policy" --keep-directory-symlink
printf 'SELINUX=permissive\nSELINUXTYPE=default\n' > etc/selinux/config
while [ $# -gt 0 ]; do
  mkdir -p ".$(dirname "$1")"
  printf %s "$2" > ".$1"
  shift 2
done
mount -t proc proc proc
chroot . setfiles -m -F /etc/selinux/default/contexts/files/file_contexts /
umount proc
cd /
umount /mnt
`
