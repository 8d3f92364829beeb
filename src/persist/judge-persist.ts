import { RefusedError } from '../errors.ts'
import { contains } from '../formats/mount-table.ts'
import { isBelow, isVolatile } from '../stateless/paths.ts'
import { canBeListed } from './own-list.ts'
import { droppedName, findEffect, sortMountsBelow } from './seen-mounts.ts'
import type { ListEntry, StateFacts, WantedPath } from './state-facts.ts'

/** What persisting a path comes to. */
export type PersistVerdict =
  /** Listed and in effect: nothing is to be done. */
  | { readonly kind: 'already'; readonly by: ListEntry }
  /** Listed, but what is seen at the path is not the copy: it becomes the copy. */
  | { readonly kind: 'refresh'; readonly by: ListEntry }
  | { readonly kind: 'new' }

/** Throws a RefusedError where the path cannot be kept, or where it is kept with a folder above it. */
export function judgePersist(state: StateFacts, wanted: WantedPath): PersistVerdict {
  refuseBadPath(state, wanted)
  const { path, kind, kept } = wanted
  if (kept.kind === 'unfit') {
    throw refusal(path, `on the state device ${kept.why}`, `Move it away below ${state.folder}.`)
  }
  const by = state.entries.find(({ at }) => at === path)
  if (by !== undefined) return judgeListed(state, wanted, by)
  const above = state.entries.find(({ at }) => isBelow(path, at))
  if (above !== undefined) {
    throw refusal(
      path,
      `kept already with ${above.at} (${formatPlace(above)})`,
      'Nothing is to do.',
    )
  }
  const [foreign] = kind === 'directory' ? sortMountsBelow(state, path).foreign : []
  if (foreign !== undefined) {
    const why = `${foreign.mountPoint} is mounted below it and would be hidden`
    throw refusal(path, why, 'Persist the folders beside it, one by one.')
  }
  return { kind: 'new' }
}

function judgeListed(state: StateFacts, wanted: WantedPath, by: ListEntry): PersistVerdict {
  const { path, kind, kept, target } = wanted
  const effect = findEffect(state, path, kind)
  // What was made since the boot goes to its place with the next one.
  if (kept.kind === 'missing') return { kind: effect === 'overlay' ? 'already' : 'refresh', by }
  if (kept.kind !== (kind === 'symlink' ? 'link' : kind)) {
    const why = `a ${kind}, and a ${kept.kind} on the state device`
    throw refusal(path, why, `holdfast unpersist '${path}', and persist it again.`)
  }
  const isSame = kept.kind === 'link' ? kept.target === target : effect !== undefined
  if (isSame) return { kind: 'already', by }
  if (kind !== 'directory') return { kind: 'refresh', by }
  throw refusal(
    path,
    `listed (${formatPlace(by)}), but what is seen there is not what is kept`,
    'The next boot shows what is kept; to keep what is there now: unpersist it, and persist it again.',
  )
}

function refuseBadPath(state: StateFacts, wanted: WantedPath): void {
  const { path, kind } = wanted
  if (path === '/') {
    throw refusal(path, 'the root itself cannot be listed', 'Persist what lies in it.')
  }
  if (isVolatile(path)) {
    throw refusal(path, 'another file system is mounted there in every boot', 'Keep it elsewhere.')
  }
  if (isState(state, wanted)) {
    throw refusal(
      path,
      'it is, or holds, the state file system itself',
      'Give the path in the root.',
    )
  }
  if (!canBeListed(path)) {
    const why = 'the list, a line a path, cannot hold such a name'
    throw refusal(path, why, 'Persist the folder that it lies in.')
  }
  if (kind === 'missing') throw refusal(path, 'nothing is there', 'Make it first.')
  if (kind !== 'file' && kind !== 'directory' && kind !== 'symlink') {
    throw refusal(path, `it is a ${kind}`, 'Files, folders and symbolic links can be kept.')
  }
}

/** Whatever name it is mounted by. */
function isState(state: StateFacts, { path, kind }: WantedPath): boolean {
  const { device, root } = state.mount
  const names = state.mounts.filter((mount) => mount.device === device && mount.root === root)
  if (names.some(({ mountPoint }) => contains(path, mountPoint))) return true
  const shown = state.mountOf(path)
  if (shown?.device !== device || droppedName(state, shown) !== undefined) return false
  const isKept = state.entries.some(({ at }) => contains(at, path))
  return !isKept && findEffect(state, path, kind) === undefined
}

/** Where an entry stands, for people. */
export function formatPlace({ file, line }: ListEntry): string {
  return line === 0 ? file : `${file}:${line}`
}

function refusal(path: string, why: string, hint: string): RefusedError {
  // A line feed in a name would begin a line of its own.
  return new RefusedError(`'${path.replaceAll('\n', '\\n')}': ${why}`, hint)
}
