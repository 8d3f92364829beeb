import { RefusedError } from '../errors.ts'
import { DROPPED_FOLDER } from '../keeping/stateless-backing.ts'
import type { Plan, Step } from '../plan/step.ts'
import { foldersAbove, isBelow } from '../stateless/paths.ts'
import { formatPlace } from './judge-persist.ts'
import { removeLines } from './own-list.ts'
import { type PlannedChange, planList } from './plan-persist.ts'
import { planNote, replacedFolder } from './replaced.ts'
import { findEffect } from './seen-mounts.ts'
import { type ListEntry, OWN_LIST, type StateFacts, type WantedPath } from './state-facts.ts'

/**
 * Keeps a path no longer than until the next boot: its line goes, and its copy on the state device; what is seen at the
 * path stays as it is until then. Throws a RefusedError where it is kept by something else than its own line.
 */
export function planUnpersist(state: StateFacts, wanted: WantedPath): PlannedChange {
  const { path } = wanted
  const entries = state.entries.filter(({ at }) => at === path)
  const own = entries.filter(({ file }) => file === OWN_LIST)
  if (own.length === 0) {
    refuseOthers(state, path, entries)
    return { plan: { reasons: [`${path} is not persisted`], steps: [] }, state }
  }
  const rest = state.entries.filter((entry) => !own.includes(entry))
  const isOwn = (listed: string) => own.some((entry) => entry.path === listed)
  const listText = removeLines(state.listText ?? '', isOwn)
  const list = planList(state, listText)
  const other = rest.find(({ at }) => at === path || isBelow(path, at))
  if (other !== undefined) {
    const reason = `${path} is not listed any more, but is still kept with ${other.at} (${formatPlace(other)})`
    return {
      plan: { reasons: [reason], steps: list },
      state: { ...state, entries: rest, listText },
    }
  }
  refuseInner(rest, path)
  const removal = planRemoval(state, wanted)
  return {
    plan: {
      reasons: [
        `${path} is not kept any more: it stays until the next boot, which shows the image's own`,
      ],
      steps: [...list, ...removal.steps],
    },
    state: { ...removal.state, entries: rest, listText },
  }
}

function refuseOthers(state: StateFacts, path: string, entries: readonly ListEntry[]): void {
  const [listed] = entries
  if (listed !== undefined) {
    throw new RefusedError(
      `'${path}': listed in ${formatPlace(listed)}, which is the image's`,
      'Remove the line there.',
    )
  }
  const above = state.entries.find(({ at }) => isBelow(path, at))
  if (above === undefined) return
  throw new RefusedError(
    `'${path}': kept with ${above.at} (${formatPlace(above)})`,
    `It can be unpersisted with all of it alone: holdfast unpersist '${above.at}'`,
  )
}

function refuseInner(rest: readonly ListEntry[], path: string): void {
  const inner = rest.find(({ at }) => isBelow(at, path))
  if (inner === undefined) return
  throw new RefusedError(
    `'${path}': ${inner.at}, which lies in it, is listed too (${formatPlace(inner)})`,
    `Unpersist that first: holdfast unpersist '${inner.at}'`,
  )
}

function planRemoval(
  state: StateFacts,
  wanted: WantedPath,
): { readonly steps: Step[]; readonly state: StateFacts } {
  const { folder } = state
  const { path, kept } = wanted
  if (kept.kind === 'missing' || kept.kind === 'unfit') return { steps: [], state }
  const from = `${folder}${kept.path}`
  const gone = new Set([...state.gone, kept.path])
  const empty = emptyFolders(wanted, kept.path, gone)
  const emptied: Step[] = empty.map((each) => ({ kind: 'remove-folder', path: `${folder}${each}` }))
  const sync: Step = { kind: 'sync-file-system', path: folder }
  const left = { ...state, gone: new Set([...gone, ...empty]) }
  if (findEffect(state, path, wanted.kind) !== 'bind') {
    // A later step may fail, and then the path is listed again.
    const moved = `${replacedFolder(folder)}/${state.copies}`
    const steps: Step[] = [
      { kind: 'make-directory', path: replacedFolder(folder) },
      planNote(moved, kept.path),
      { kind: 'rename-file', from, to: moved },
      ...emptied,
      sync,
    ]
    return { steps, state: { ...left, copies: state.copies + 1 } }
  }
  const name = String(
    state.dropped.reduce((most, each) => Math.max(most, Number(each) || 0), 0) + 1,
  )
  // The mount shows it under its new name as well: nobody who works with it notices.
  const steps: Step[] = [
    { kind: 'make-directory', path: `${folder}/${DROPPED_FOLDER}` },
    { kind: 'rename-file', from, to: `${folder}/${DROPPED_FOLDER}/${name}` },
    ...emptied,
    sync,
  ]
  return { steps, state: { ...left, dropped: [...state.dropped, name] } }
}

/** The folders above it that held nothing else, the nearest first. */
function emptyFolders(
  { neighbours }: WantedPath,
  path: string,
  gone: ReadonlySet<string>,
): string[] {
  const empty: string[] = []
  const left = new Set(gone)
  for (const folder of foldersAbove(path).slice(0, -1)) {
    const names = neighbours.get(folder) ?? []
    if (names.some((name) => !left.has(`${folder}/${name}`))) break
    empty.push(folder)
    left.add(folder)
  }
  return empty
}

/** Removes from the device what was unpersisted before this boot: nothing shows it any more. */
export function planClean(state: StateFacts, isSeen: (name: string) => boolean): Plan {
  const old = state.dropped.filter((name) => !isSeen(name))
  const steps = old.map(
    (name): Step => ({ kind: 'remove-tree', path: `${state.folder}/${DROPPED_FOLDER}/${name}` }),
  )
  return {
    reasons: steps.length === 0 ? [] : ['what was unpersisted before this boot goes'],
    steps,
  }
}
