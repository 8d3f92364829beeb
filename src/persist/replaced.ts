import type { Step } from '../plan/step.ts'
import { folderOf } from '../stateless/paths.ts'

/** On the state file system: what a copy takes the place of, or what is to go, until all has been done. */
export const REPLACED_FOLDER = '.holdfast-replaced'

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

/** Gives it its name again. */
export function planReturn(folder: string, { at, path }: Moved): Step[] {
  const to = `${folder}${path}`
  return [
    { kind: 'make-directory', path: folderOf(to) },
    { kind: 'rename-file', from: at, to },
  ]
}

/** When that has been done: what has been replaced is removed; or, where some of it is `left`, all is kept under that name. */
export function planReturnEnd(folder: string, left: string | undefined): Step[] {
  const from = replacedFolder(folder)
  return [
    { kind: 'sync-file-system', path: folder },
    left === undefined
      ? { kind: 'remove-tree', path: from }
      : { kind: 'rename-file', from, to: `${folder}/${left}` },
  ]
}
