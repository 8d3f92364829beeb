import { findMount, type Mount } from '../formats/mount-table.ts'
import type { Step } from '../plan/step.ts'

const RUN = '/run'

/**
 * Programs can be run from /run: the initramfs to which systemd returns at shutdown, and the monitor's copy. systemd mounts
 * it so; dracut without systemd mounts it noexec, and systemd then takes what it finds there for no program.
 */
export function planRunFolder(mounts: readonly Mount[]): Step[] {
  const isClosed = findMount(mounts, RUN)?.options.includes('noexec')
  return isClosed ? [{ kind: 'remount', at: RUN, options: 'exec', before: 'noexec' }] : []
}
