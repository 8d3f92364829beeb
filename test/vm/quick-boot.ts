import { liveMedium } from './image/medium.ts'
import { QUICK_INIT, quickInitramfs } from './image/quick-initramfs.ts'
import { inSlot } from './image/slots.ts'
import { type LiveBoot, tryLive } from './live-boot.ts'
import type { Outcome } from './machine/machine.ts'
import { assertScriptSucceeded } from './scenario.ts'

/** What makes of a live boot one of a few seconds: no udev rules, no hooks, the live medium known by its name. */
export async function quickly(cmdline: string) {
  const image = await quickInitramfs('bookworm')
  return { image, root: 'root=live:/dev/sda', cmdline: `${QUICK_INIT} ${cmdline}` }
}

/** Holds a slot for many quick boots, one after the other: to wait for one before each would take longer than they do. */
export async function inQuickSlot<T>(work: () => Promise<T>): Promise<T> {
  await liveMedium('bookworm')
  await quickInitramfs('bookworm')
  return inSlot(work)
}

/** One of these boots, which comes up. */
export async function quickBoot(
  cmdline: string,
  disk: string,
  more: Partial<LiveBoot> = {},
): Promise<Outcome> {
  const boot = { ...(await quickly(cmdline)), disks: [{ file: disk }], inSlot: true, ...more }
  const outcome = await tryLive(boot)
  assertScriptSucceeded(outcome)
  return outcome
}
