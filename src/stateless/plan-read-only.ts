import { withReadOnlyRoot } from '../formats/fstab.ts'
import type { Mount } from '../formats/mount-table.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import { isReadOnlyMount } from './probe-paths.ts'

/** The root's fstab as the booted system is to see it. */
const VIEW_FILE = `${RECORD_FOLDER}/fstab`
const DROP_IN_FOLDER = '/run/systemd/system/systemd-remount-fs.service.d'

/**
 * The root becomes read-only, unless it is so. Where it is a folder of a file system that others may use as well, it alone
 * does.
 */
export function planReadOnlyRoot(root: Mount): Step[] {
  if (isReadOnlyMount(root)) return []
  const how = root.root === '/' ? '' : 'bind,'
  return [{ kind: 'remount', at: root.mountPoint, options: `${how}ro`, before: `${how}rw` }]
}

/** How the fstab of the root is found once everything is mounted. */
export interface FstabPlace {
  /** Outside; links followed inside the root. */
  readonly at: string
  /** In the image, in its copy on scratch, or kept. */
  readonly lies: 'image' | 'scratch' | 'state'
}

/**
 * A read-only root stays so when the booted system remounts it as its fstab says (systemd-remount-fs): the copy on scratch says
 * ro, or a copy is seen in the place of the image's fstab. One that is kept is its administrator's to edit, so it is left
 * alone, and only systemd-remount-fs reads a copy. Nothing of that where the fstab says ro itself. systemd alone may have its
 * own idea of a root on a GPT disk that no fstab names (systemd-gpt-auto-generator(8)).
 */
export function planReadOnlyView(fstab: string, place: FstabPlace): Step[] {
  const view = withReadOnlyRoot(fstab)
  const folder: Step = { kind: 'make-directory', path: RECORD_FOLDER }
  const copy: Step[] = [folder, { kind: 'write-file', path: VIEW_FILE, text: view ?? '' }]
  if (view === undefined) return planDropIn([])
  switch (place.lies) {
    case 'scratch':
      return [{ kind: 'write-file', path: place.at, text: view }, ...planDropIn([])]
    case 'image':
      return [
        ...copy,
        { kind: 'bind-mount', from: VIEW_FILE, at: place.at, apart: true },
        ...planDropIn([]),
      ]
    case 'state':
      return [...copy, ...planDropIn([`LIBMOUNT_FSTAB=${VIEW_FILE}`])]
  }
}

function planDropIn(more: readonly string[]): Step[] {
  const lines = ['SYSTEMD_REMOUNT_ROOT_RW=0', ...more].map((word) => `Environment=${word}\n`)
  const text = `[Service]\n${lines.join('')}`
  return [
    { kind: 'make-directory', path: DROP_IN_FOLDER },
    { kind: 'write-file', path: `${DROP_IN_FOLDER}/holdfast.conf`, text },
  ]
}
