import type { Step } from '../plan/step.ts'
import { folderOf } from '../stateless/paths.ts'

/** On the state file system: what a copy takes the place of, or what is to go, until all has been done. */
const REPLACED_FOLDER = '.holdfast-replaced'

/** Where that is, on the file system that is mounted at `folder`. */
export function replacedFolder(folder: string): string {
  return `${folder}/${REPLACED_FOLDER}`
}

/** The file beside something that was moved there, which says where it was. */
export function noteOf(moved: string): string {
  return `${moved}.path`
}

/** Says where something was, on the disk before it is moved to `moved`. */
export function planNote(moved: string, path: string): Step {
  return { kind: 'replace-file', path: noteOf(moved), text: path, before: undefined }
}

/** What was moved away, and nothing has its name. */
export interface Moved {
  readonly at: string
  readonly path: string
}

/**
 * Gives what a power cut has left without a name its name again, and removes what has been replaced. `moved` is
 * undefined where there is nothing of either.
 */
export function planReturn(folder: string, moved: readonly Moved[] | undefined): Step[] {
  if (moved === undefined) return []
  return [
    ...moved.flatMap(({ at, path }): Step[] => [
      { kind: 'make-directory', path: folderOf(`${folder}${path}`) },
      { kind: 'rename-file', from: at, to: `${folder}${path}` },
    ]),
    { kind: 'sync-file-system', path: folder },
    { kind: 'remove-tree', path: replacedFolder(folder) },
  ]
}
