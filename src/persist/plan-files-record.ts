import { isFilesOverlay } from '../keeping/stateless-backing.ts'
import type { Step } from '../plan/step.ts'
import { filesPlaces } from '../stateless/kept-files/places.ts'
import {
  type FilesRecord,
  formatFilesRecord,
  type LaidFile,
  type Version,
} from '../stateless/kept-files/record.ts'
import { foldersAbove } from '../stateless/paths.ts'
import type { ListEntry, StateFacts } from './state-facts.ts'

/** The record of the kept files, as a text and read. */
export interface RecordFacts {
  readonly text: string
  readonly record: FilesRecord
  /** Of listed paths that are regular files, at the path and on the state device, what they are like there. */
  readonly versions: ReadonlyMap<string, Version>
}

/**
 * Makes the record of the kept files agree with the lists as they are now: by it the next boot takes from the upper
 * layers what is kept, and nothing else. Nothing where it agrees.
 */
export function planFilesRecord(state: StateFacts, facts: RecordFacts): Step[] {
  const { record, text } = facts
  const places = new Set(state.entries.map(({ at }) => at))
  const isListed = (path: string) =>
    places.has(path) && !foldersAbove(path).some((folder) => places.has(folder))
  const added = addedFiles(state, facts)
  const folders = record.folders.map(({ folder, files }) => ({
    folder,
    files: [...files.filter(({ path }) => isListed(path)), ...(added.get(folder) ?? [])],
  }))
  const deleted = record.deleted.filter(({ path }) => isListed(path))
  const awaited = record.awaited.filter(isListed)
  const now = formatFilesRecord({ ...record, folders, deleted, awaited })
  if (now === text) return []
  const paths = [...added.values()].flat().map(({ path }) => path)
  return [
    // What is in the record and not in the upper layer counts as deleted.
    ...paths.map((path): Step => ({ kind: 'copy-up', path })),
    { kind: 'replace-file', path: filesPlaces(state.folder).record, text: now, before: text },
  ]
}

/** Listed files that lie in a folder with an upper layer and are not in the record, by that folder. */
function addedFiles(
  state: StateFacts,
  { record, versions }: RecordFacts,
): ReadonlyMap<string, readonly LaidFile[]> {
  const places = [...record.folders.flatMap(({ files }) => files), ...record.deleted]
  const known = new Set([...places.map(({ path }) => path), ...record.awaited])
  const added = new Map<string, LaidFile[]>()
  for (const { at, path: kept } of state.entries.filter((entry) => !known.has(entry.at))) {
    const folder = overlayOf(state, { at })
    const was = versions.get(kept)
    if (folder === undefined || was === undefined) continue
    added.set(folder, [...(added.get(folder) ?? []), { path: at, kept, linked: false, was }])
  }
  return added
}

function overlayOf(state: StateFacts, { at }: Pick<ListEntry, 'at'>): string | undefined {
  const mount = state.mountOf(at)
  return mount !== undefined && isFilesOverlay(mount) ? mount.mountPoint : undefined
}
