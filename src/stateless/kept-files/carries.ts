import type { FileStat } from '../../machine/system.ts'
import { coversAny } from '../paths.ts'
import type { FilesRecord } from './record.ts'

/** Whether the next harvest takes what is at a path of the root, a thing of that kind; undefined where only root can tell. */
export type Carries = (path: string, kind: FileStat['kind'] | 'missing') => boolean | undefined

const UNKEPT: readonly (FileStat['kind'] | 'missing')[] = ['fifo', 'socket', 'block', 'character']

/** What the record of the layers that are mounted now says of a path: not what is listed is kept, but what is recorded. */
export function carriedBy(record: FilesRecord | undefined): Carries {
  if (record === undefined || record.folders.length === 0) return () => false
  const { folders, deleted, awaited } = record
  const files = new Set([...folders.flatMap((each) => each.files), ...deleted].map(pathOf))
  const [roots, isAwaited] = [new Set(awaited), coversAny(awaited)]
  return (path, kind) => {
    if (files.has(path)) return kind === 'file' || kind === 'missing'
    // A folder is taken with all that is in it.
    return isAwaited(path) && !(roots.has(path) && UNKEPT.includes(kind))
  }
}

function pathOf({ path }: { readonly path: string }): string {
  return path
}
