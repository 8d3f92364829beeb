import { mkdirSync, rmSync } from 'node:fs'
import { cached, recipe } from './cache.ts'
import { command } from './command.ts'
import { type Initramfs, initramfs } from './initramfs.ts'
import { kernelRelease, rootTree, type Suite } from './tree.ts'

/**
 * A disk that the guest mounts at /boot, with its initramfs where dracut-initramfs-restore of either suite
 * looks for it: without it there is nothing to return to when the machine shuts down.
 */
export async function bootDisk(suite: Suite, kind: Initramfs): Promise<string> {
  const image = await initramfs(suite, kind)
  const release = kernelRelease(await rootTree(suite))
  return cached(`${suite}-boot-${kind}`, [image, recipe(import.meta.url)], async (path) => {
    const directory = `${path}.content`
    mkdirSync(directory)
    // dracut-initramfs-restore takes an uncompressed image for an early one and skips it.
    await command(['zstd', '-q', '-3', image, '-o', `${directory}/initrd.img-${release}`])
    await command(['mkfs.ext4', '-q', '-F', '-O', '^has_journal', '-d', directory, path, '100M'])
    rmSync(directory, { recursive: true })
  })
}
