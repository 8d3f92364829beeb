import { findMount, type Mount } from '../formats/mount-table.ts'
import { RAM_TYPES } from '../keeping/file-systems.ts'
import { SCRATCH_FOLDER } from '../machine/places.ts'
import type { Plan, Step } from '../plan/step.ts'
import { foldersAbove, isBelow } from '../stateless/paths.ts'
import { formatPlace, judgePersist } from './judge-persist.ts'
import { addLine, removeLines } from './own-list.ts'
import { planCopy } from './plan-copy.ts'
import { findDropped, findEffect, isInLayer, sortMountsBelow } from './seen-mounts.ts'
import { OWN_LIST, type StateFacts, type WantedPath } from './state-facts.ts'

/** A plan, and how it stands once it is carried out: the next path is planned with that. */
export interface PlannedChange {
  readonly plan: Plan
  readonly state: StateFacts
}

/**
 * Keeps a path from now on, and for every boot after: a copy on the state device, the line in its list, and the copy
 * seen at the path. Nothing where that is so already. Throws a RefusedError where it cannot be.
 */
export function planPersist(state: StateFacts, wanted: WantedPath): PlannedChange {
  const { path } = wanted
  const verdict = judgePersist(state, wanted)
  if (verdict.kind === 'already') {
    const reason = `${path} is already persisted (${formatPlace(verdict.by)})`
    return { plan: { reasons: [reason], steps: [] }, state }
  }
  const merged = verdict.kind === 'new' ? ownEntriesBelow(state, path) : []
  const listText = verdict.kind === 'new' ? listWith(state, path, merged) : state.listText
  // What was unpersisted since boot is still on the device, and seen at the path: it gets its name back.
  const dropped = wanted.kept.kind === 'missing' ? findDropped(state, path) : undefined
  const steps = [
    ...planCopy(state, wanted, dropped),
    ...planList(state, listText),
    ...(dropped === undefined ? planEffect(state, wanted) : []),
  ]
  const reasons = [
    `${path} is kept on ${state.mount.source} from now on`,
    ...(verdict.kind === 'refresh' ? ['it was listed: what is kept is what is there now'] : []),
    ...merged.map((each) => `${each} is kept with it`),
    ...remarks(state, wanted),
  ]
  const entry = { path, at: path, file: OWN_LIST, line: 0 }
  const entries = [...state.entries.filter(({ at }) => !merged.includes(at)), entry]
  const made = new Set([...state.made, path, ...foldersAbove(path)])
  return {
    plan: { reasons: [reasons.join('; ')], steps },
    state: { ...state, entries, listText, made, copies: state.copies + 1 },
  }
}

/** Those of the device's own list: what the image lists stays listed there. */
function ownEntriesBelow(state: StateFacts, path: string): string[] {
  const own = state.entries.filter(({ file }) => file === OWN_LIST)
  return own.map(({ at }) => at).filter((at) => isBelow(at, path))
}

function listWith(state: StateFacts, path: string, merged: readonly string[]): string {
  const isMerged = (listed: string) =>
    state.entries.some((entry) => entry.path === listed && merged.includes(entry.at))
  return addLine(removeLines(state.listText ?? '', isMerged), path)
}

/** Whole or not at all, and on the disk when the step ends. */
export function planList(state: StateFacts, text: string | undefined): Step[] {
  if (text === undefined || text === state.listText) return []
  const path = `${state.folder}/${OWN_LIST}`
  return [{ kind: 'replace-file', path, text, before: state.listText }]
}

function planEffect(state: StateFacts, { path, kind }: WantedPath): Step[] {
  if (kind === 'symlink' || isInLayer(state, path, kind)) return []
  if (findEffect(state, path, kind) !== undefined) return []
  const { kept, scratch } = sortMountsBelow(state, path)
  return [
    // Their files are the same ones that the folder shows: who has one open writes to it still.
    ...[...kept].reverse().map((mount) => planDetach(state, mount)),
    { kind: 'bind-mount', from: `${state.folder}${path}`, at: path },
    ...scratch.map(
      ({ mountPoint, root }): Step => ({
        kind: 'bind-mount',
        from: `${SCRATCH_FOLDER}${root}`,
        at: mountPoint,
      }),
    ),
  ]
}

/** Whoever has a file of it open goes on with it. */
function planDetach({ folder, mount }: StateFacts, { root, mountPoint }: Mount): Step {
  const inner = mount.root === '/' ? root : root.slice(mount.root.length)
  const restore: Step = { kind: 'bind-mount', from: `${folder}${inner}`, at: mountPoint }
  return { kind: 'unmount', at: mountPoint, restore, lazy: true }
}

function remarks(state: StateFacts, { path, kind }: WantedPath): string[] {
  const mount = state.mountOf(path)
  const isScratch = mount?.device === findMount(state.mounts, SCRATCH_FOLDER)?.device
  const isOurs = isScratch || mount?.device === state.mount.device
  const isInRam = mount !== undefined && RAM_TYPES.includes(mount.fsType) && !isOurs
  const isBound = kind === 'file' && !isInLayer(state, path, kind)
  return [
    ...(isInRam && mount.mountPoint !== '/'
      ? [
          `${mount.mountPoint} is a ${mount.fsType}: if it is mounted anew at boot, it hides what is kept`,
        ]
      : []),
    ...(isBound
      ? ['until the next boot it is a mount: programs that rename over it fail with EBUSY']
      : []),
  ]
}
