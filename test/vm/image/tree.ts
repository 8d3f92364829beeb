import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cached, recipe } from './cache.ts'
import { command } from './command.ts'
import { debianKeyring, debianMirror } from './mirror.ts'

/** bookworm: dracut 059, kernel 6.1, systemd 252. trixie: dracut 106, kernel 6.12, systemd 257. */
export type Suite = 'bookworm' | 'trixie'

// binutils: dracut strips what it installs where it finds strip, as on most machines.
// The cloud kernel has every module that a test needs, and a tenth of the others.
const PACKAGES =
  'systemd-sysv,udev,kmod,dmsetup,e2fsprogs,xfsprogs,dracut-core,dracut-live,binutils,cpio,zstd,linux-image-cloud-amd64'

// Without the kernel's hooks nobody makes an initramfs behind our back.
const LEFT_OUT = ['doc/*', 'man/*', 'locale/*', 'info/*'].map((path) => `/usr/share/${path}`)
LEFT_OUT.push('/etc/kernel/*')

/** A suite's root tree with kernel, dracut and systemd, a directory. Needs root and the archive. */
export function rootTree(suite: Suite): Promise<string> {
  return cached(`${suite}-tree`, [recipe(import.meta.url)], async (path) =>
    command([
      'mmdebstrap',
      '--variant=minbase',
      '--mode=root',
      '--quiet',
      `--keyring=${debianKeyring}`,
      `--include=${PACKAGES}`,
      '--aptopt=APT::Install-Recommends "false"',
      '--dpkgopt=force-unsafe-io',
      ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      suite,
      path,
      await debianMirror(),
    ]),
  )
}

/** The release of a tree's kernel, such as `6.12.107+deb13-cloud-amd64`. */
export function kernelRelease(tree: string): string {
  const [release] = readdirSync(join(tree, 'usr/lib/modules'))
  if (!release) throw new Error(`Failed to find a kernel in '${tree}'`)
  return release
}

/** The path of a tree's kernel image. */
export function kernelImage(tree: string): string {
  return join(tree, 'boot', `vmlinuz-${kernelRelease(tree)}`)
}
