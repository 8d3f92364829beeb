import { withReadOnlyRoot } from '../formats/fstab.ts'
import type { Mount } from '../formats/mount-table.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import type { View } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'
import { isReadOnlyMount } from './probe-paths.ts'

/** The root's fstab as the booted system is to see it. */
const VIEW_FILE = `${RECORD_FOLDER}/fstab`

/**
 * The root becomes read-only, unless it is so. Where it is a folder of a file system that others may use as well, it alone
 * does.
 */
export function planReadOnlyRoot(root: Mount): Step[] {
  if (isReadOnlyMount(root)) return []
  const how = root.root === '/' ? '' : 'bind,'
  return [{ kind: 'remount', at: root.mountPoint, options: `${how}ro`, before: `${how}rw` }]
}

/**
 * A read-only root stays so when the booted system remounts it as its fstab says (systemd-remount-fs): a copy in which `/` is
 * read-only is seen in the place of the fstab. Nothing where the fstab says so itself.
 */
export function planReadOnlyView(root: View, fstab: string): Step[] {
  const view = withReadOnlyRoot(fstab)
  if (view === undefined) return []
  return [
    { kind: 'make-directory', path: RECORD_FOLDER },
    { kind: 'write-file', path: VIEW_FILE, text: view },
    { kind: 'bind-mount', from: VIEW_FILE, at: root('/etc/fstab'), apart: true },
  ]
}
