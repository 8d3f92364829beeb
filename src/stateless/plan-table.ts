import { formatFstabEntry } from '../formats/fstab.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import type { View } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'
import { type PathMount, tableEntry } from './kept-path.ts'
import { parentFirst } from './paths.ts'

const TABLE_FILE = `${RECORD_FOLDER}/stateless.fstab`

/** The mounts in the order in which none hides another: a folder before what lies in it, and one at each place. */
export function orderMounts(mounts: readonly PathMount[]): PathMount[] {
  return parentFirst(mounts)
}

/** Mounts all of them by one program, in their order. One that fails does not stop the others. */
export function planTable(root: View, mounts: readonly PathMount[]): Step[] {
  if (mounts.length === 0) return []
  const entries = mounts.map((mount) => tableEntry(root, mount))
  return [
    { kind: 'make-directory', path: RECORD_FOLDER },
    { kind: 'write-file', path: TABLE_FILE, text: entries.map(formatFstabEntry).join('') },
    { kind: 'mount-all', table: TABLE_FILE, at: entries.map(({ at }) => at) },
  ]
}
