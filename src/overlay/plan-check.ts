import type { BlockDevice } from '../machine/facts.ts'
import type { Step } from '../plan/step.ts'

/**
 * A quick check of a device before it is mounted for writing, where its superblock says that a mount alone is not enough.
 * A journal that waits is no reason: the mount replays it.
 */
export function planCheck({ node, content }: BlockDevice): Step[] {
  if (content?.needsCheck !== true) return []
  const isVfat = content.type === 'vfat'
  return [{ kind: 'repair-files', device: node, repair: 'quick', ...(isVfat && { type: 'vfat' }) }]
}
