import { cached, recipe } from './cache.ts'
import { command, inMountNamespace } from './command.ts'
import { debianKeyring, debianMirror } from './mirror.ts'
import { rootTree, type Suite } from './tree.ts'

/** lvm2 and what it depends on, only unpacked: none of its scripts is missed. */
function lvmPackages(suite: Suite): Promise<string> {
  return cached(`${suite}-lvm-packages`, [recipe(import.meta.url)], async (path) =>
    command([
      ...['mmdebstrap', '--variant=extract', '--mode=root', '--quiet', '--include=lvm2'],
      ...[`--keyring=${debianKeyring}`, '--aptopt=APT::Install-Recommends "false"'],
      ...['--dpkgopt=path-exclude=/usr/share/*', suite, path, await debianMirror()],
    ]),
  )
}

/** A suite's root tree with lvm2 laid over it; the other trees stay as they are. */
export async function lvmTree(suite: Suite): Promise<string> {
  const tree = await rootTree(suite)
  const packages = await lvmPackages(suite)
  return cached(`${suite}-lvm-tree`, [tree, packages], (path) =>
    command(['sh', '-euc', `cp -a "$2" "$3"; ${LAY_OVER}`, 'sh', packages, tree, path]),
  )
}

/** Lays lvm2 over an image of a root, in place. */
export async function installLvm(suite: Suite, image: string): Promise<void> {
  const script = `mount -o loop "$2" /mnt; set -- "$1" "$2" /mnt; ${LAY_OVER}; umount /mnt`
  await inMountNamespace(script, [await lvmPackages(suite), image])
}

const LAY_OVER = `tar -C "$1" -c bin etc/lvm lib sbin usr | tar -C "$3" -x --keep-directory-symlink
chroot "$3" ldconfig`
