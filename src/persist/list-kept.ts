import { ASK_ROOT, isFilesOverlay } from '../keeping/stateless-backing.ts'
import type { FileStat } from '../machine/system.ts'
import { foldersAbove } from '../stateless/paths.ts'
import type { Remark } from '../stateless/remark.ts'
import { formatPlace } from './judge-persist.ts'
import { type Effect, findEffect } from './seen-mounts.ts'
import type { ListEntry, StateFacts } from './state-facts.ts'

/** How it stands with a listed path. */
export interface ListedState {
  readonly entry: ListEntry
  /** What is at the path. */
  readonly kind: FileStat['kind'] | 'missing'
  /**
   * kept: what is written there is on the state device. covered: it is kept with another path. image: what is seen
   * there is not what is kept. missing: the state device has nothing of it. unclear: only root can tell.
   */
  readonly status: 'kept' | 'covered' | 'image' | 'missing' | 'unclear'
  readonly by: Effect | 'link' | undefined
  /** The path that it is kept with. */
  readonly coveredBy: string | undefined
}

/** What is known of an entry besides: the kinds at the path, and of its copy. */
export interface EntryKinds {
  readonly kind: FileStat['kind'] | 'missing'
  readonly copy: FileStat['kind'] | 'missing'
  /** Whether both are links, and say the same. */
  readonly isSameLink: boolean
}

/** How it stands with each of the listed paths; `kindsOf` looks at one. */
export function judgeEntries(
  state: StateFacts,
  kindsOf: (entry: ListEntry) => EntryKinds,
): ListedState[] {
  const places = new Set(state.entries.map(({ at }) => at))
  return state.entries.map((entry) => {
    const above = foldersAbove(entry.at).find((folder) => places.has(folder))
    return judgeEntry(state, entry, kindsOf(entry), above)
  })
}

function judgeEntry(
  state: StateFacts,
  entry: ListEntry,
  { kind, copy, isSameLink }: EntryKinds,
  above: string | undefined,
): ListedState {
  const base = { entry, kind, by: undefined, coveredBy: above }
  if (above !== undefined) return { ...base, status: 'covered' }
  const effect = findEffect(state, entry.at, kind, [entry.path])
  if (effect !== undefined) return { ...base, status: 'kept', by: effect }
  if (isSameLink) return { ...base, status: 'kept', by: 'link' }
  const mount = state.mountOf(entry.at)
  if (mount !== undefined && isFilesOverlay(mount) && state.isCarried(entry.at, kind) === undefined)
    return { ...base, status: 'unclear' }
  return { ...base, status: copy === 'missing' ? 'missing' : 'image' }
}

/** Columns: status, path, kind, what else there is to say. */
export function listRows(state: StateFacts, listed: readonly ListedState[]): string[][] {
  return listed.map((each) => [
    each.status === 'image' ? 'not kept' : each.status,
    each.entry.at,
    each.kind,
    [explain(state, each), formatPlace(each.entry)].join('; '),
  ])
}

function explain({ mount }: StateFacts, { status, by, coveredBy }: ListedState): string {
  switch (status) {
    case 'kept':
      return by === 'bind' ? mount.source : `${mount.source}, ${by}`
    case 'covered':
      return `with ${coveredBy}`
    case 'image':
      return 'what is seen there is not what is kept'
    case 'missing':
      return `${mount.source} has nothing of it`
    case 'unclear':
      return ASK_ROOT
  }
}

/** Stable keys, documented in holdfast(8). */
export function jsonListed(
  { mount }: StateFacts,
  listed: readonly ListedState[],
  remarks: readonly Remark[],
): Record<string, unknown> {
  return {
    device: mount.source,
    mountPoint: mount.mountPoint,
    type: mount.fsType,
    paths: listed.map(({ entry, kind, status, by, coveredBy }) => ({
      path: entry.path,
      realPath: entry.at,
      kind,
      status,
      by,
      coveredBy,
      list: entry.file,
      line: entry.line,
    })),
    remarks: remarks.map(({ file, line, text }) => ({ list: file, line, text })),
  }
}
