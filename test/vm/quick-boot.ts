import { QUICK_INIT, quickInitramfs } from './image/quick-initramfs.ts'

/** What makes of a live boot one of a few seconds: no udev rules, no hooks, the live medium known by its name. */
export async function quickly(cmdline: string) {
  const image = await quickInitramfs('bookworm')
  return { image, root: 'root=live:/dev/sda', cmdline: `${QUICK_INIT} ${cmdline}` }
}
