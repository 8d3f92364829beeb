import { appendFileSync, copyFileSync } from 'node:fs'
import { cached, recipe } from './cache.ts'
import { formatCpio } from './cpio.ts'
import { initramfs } from './initramfs.ts'
import type { Suite } from './tree.ts'

const init = new URL('../guest/quick-init.sh', import.meta.url).href

/** What the kernel has to be told to use it. */
export const QUICK_INIT = 'rdinit=/quick-init'

/** An initramfs of dracut's with a second init in it, which takes half as long: see test/vm/guest/quick-init.sh. */
export async function quickInitramfs(suite: Suite): Promise<string> {
  const image = await initramfs(suite, 'bench')
  const text = recipe(init)
  return cached(
    `${suite}-initramfs-quick`,
    [image, text, recipe(import.meta.url)],
    async (path) => {
      copyFileSync(image, path)
      appendFileSync(path, formatCpio([{ path: 'quick-init', text }]))
    },
  )
}
