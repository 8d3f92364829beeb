import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, recipe } from './cache.ts'
import { command } from './command.ts'
import { holdfastHash, installHoldfast } from './holdfast.ts'
import { rootTree, type Suite } from './tree.ts'

/** The UUID of every root file system made here, whatever its edition: relabelled upgrades look alike. */
export const ROOT_UUID = '5c0f1e5a-0000-4000-8000-726f6f740001'

const ROOT_BYTES = 512 * 1024 * 1024

// What a running system does not need makes every image slower to make and to boot.
const LEFT_OUT = [
  './boot/*',
  './usr/lib/locale',
  './usr/lib/modules/*/kernel/drivers/[!bm]*',
  './usr/lib/modules/*/kernel/net',
  './usr/lib/udev/hwdb*',
  './usr/share/*',
  './var/lib/apt/*',
  './var/lib/dpkg/*',
]
const MASKED = [
  ...['e2scrub_reap.service', 'getty.target', 'systemd-logind.service', 'systemd-pstore.service'],
  ...['systemd-update-utmp.service', 'timers.target', 'proc-sys-fs-binfmt_misc.automount'],
  ...['dev-hugepages.mount', 'dev-mqueue.mount', 'sys-fs-fuse-connections.mount'],
  ...['sys-kernel-config.mount', 'sys-kernel-debug.mount', 'sys-kernel-tracing.mount'],
]
const guestFiles = new URL('../guest/', import.meta.url)

/**
 * A root file system, ext4 of 512 MiB labelled ROOT, with holdfast and the guest script's runner.
 * `edition` is written to /etc/edition: two editions are an image before and after an upgrade.
 */
export async function rootImage(suite: Suite, edition = '1'): Promise<string> {
  const tree = await rootTree(suite)
  const guest =
    recipe(new URL('guest', guestFiles).href) + recipe(new URL('guest.service', guestFiles).href)
  const ingredients = [tree, edition, holdfastHash(), guest, recipe(import.meta.url)]
  return cached(`${suite}-root-${edition}`, ingredients, async (path) => {
    const root = `${path}.root`
    rmSync(root, { recursive: true, force: true })
    mkdirSync(root)
    await command(['sh', '-euc', COPY, 'sh', tree, root, ...LEFT_OUT])
    await command(installHoldfast(root))
    furnish(root, edition)
    await command([
      ...['mkfs.ext4', '-q', '-F', '-L', 'ROOT', '-U', ROOT_UUID, '-E', `hash_seed=${ROOT_UUID}`],
      ...['-d', root, path, `${ROOT_BYTES / 1024}k`],
    ])
    rmSync(root, { recursive: true })
  })
}

const COPY = `tree=$1 root=$2
shift 2
for pattern; do set -- "$@" --exclude="$pattern"; shift; done
tar -C "$tree" -c "$@" . | tar -C "$root" -x`

function furnish(root: string, edition: string): void {
  const units = join(root, 'etc/systemd/system')
  copyFileSync(new URL('guest', guestFiles), join(root, 'usr/sbin/guest'))
  chmodSync(join(root, 'usr/sbin/guest'), 0o755)
  copyFileSync(new URL('guest.service', guestFiles), join(units, 'guest.service'))
  mkdirSync(join(units, 'multi-user.target.wants'), { recursive: true })
  symlinkSync('../guest.service', join(units, 'multi-user.target.wants/guest.service'))
  symlinkSync('/usr/lib/systemd/system/multi-user.target', join(units, 'default.target'))
  for (const unit of MASKED) {
    rmSync(join(units, unit), { force: true })
    symlinkSync('/dev/null', join(units, unit))
  }
  writeFileSync(join(root, 'etc/machine-id'), `${'686f6c6466617374'.repeat(2)}\n`)
  writeFileSync(join(root, 'etc/edition'), `${edition}\n`)
  // The shutdown unit mounts /boot to find the initramfs image there: see bootDisk().
  writeFileSync(join(root, 'etc/fstab'), '/dev/disk/by-id/virtio-boot /boot ext4 noauto,ro 0 0\n')
}
