import type { BlockDevice } from '../machine/facts.ts'
import type { Step } from '../plan/step.ts'

/**
 * A quick check of a device before it is mounted for writing, where its superblock says that a mount alone is not enough.
 * A journal that waits is no reason: the mount replays it. Nor is what a mount has left there that is not seen, as of stock
 * dracut's `umount -l`: e2fsck would refuse, and fsck.fat write under the file system.
 */
export function planCheck({ node, content, isBusy }: BlockDevice): Step[] {
  if (content?.needsCheck !== true || isBusy) return []
  const isVfat = content.type === 'vfat'
  return [{ kind: 'repair-files', device: node, repair: 'quick', ...(isVfat && { type: 'vfat' }) }]
}
