import { SCRATCH_FOLDER } from '../machine/places.ts'
import type { View } from '../machine/resolve-inside.ts'
import { inBatches } from '../plan/batches.ts'
import type { MakeDirectoriesStep } from '../plan/file-steps.ts'
import type { Step } from '../plan/step.ts'
import { type Fit, judgeCommon, type Verdict, wordsOf } from './judge-path.ts'
import type { KeptPath, Words } from './kept-path.ts'
import type { FolderFacts, RwtabFacts } from './path-facts.ts'
import { groupBy, isBelow, parentFirst, topmost } from './paths.ts'

/** What the paths of rwtab need once scratch is mounted. */
export interface ScratchPlan extends Words {
  /** Makes the folders; one that fails leaves the rest of use. */
  readonly folders: readonly Step[]
  /** What is copied whole after that, see planScratchCopies. */
  readonly copies: readonly string[]
  /** Lays over it what dracut's modules have left. */
  readonly initial: readonly Step[]
  readonly paths: readonly KeptPath[]
}

/** What dracut's modules have written for the booted system, laid out as in the root. */
export const INITIAL_STATE_FOLDER = '/run/initramfs/state'

/**
 * Scratch copies of the listed paths: each once, and only the topmost as a path of its own. `foreign` are the mount points
 * below the root, as seen inside: none of them is hidden. Nothing is taken that lies in one of the `reserved` folders.
 * `initialState` is what dracut's modules want laid over the copies.
 */
export function planScratch(
  entries: readonly RwtabFacts[],
  foreign: readonly string[],
  reserved: readonly string[],
  initialState: readonly string[],
): ScratchPlan {
  const judged = entries.map((facts) => ({ facts, verdict: judge(facts, foreign, reserved) }))
  const fit = parentFirst(
    judged.flatMap(({ facts, verdict }) =>
      verdict.kind === 'fit' ? [facts as Fit<RwtabFacts>] : [],
    ),
  )
  return {
    folders: planFolders(fit),
    // `empty` copies a file with its content too, as cpio does in the original.
    copies: topmost(fit.filter(({ folders }) => folders.length === 0)).map(({ path }) => path),
    initial: planCopyTrees(INITIAL_STATE_FOLDER, initialState, SCRATCH_FOLDER),
    paths: topmost(fit).map(keptPath),
    ...wordsOf(judged),
  }
}

function keptPath({ path, kind, entry }: Fit<RwtabFacts>): KeptPath {
  const { file, line } = entry
  return { path, kind, lasts: 'boot', mode: 'bind', origin: { file, line } }
}

function judge(
  { entry, path, kind }: RwtabFacts,
  foreign: readonly string[],
  reserved: readonly string[],
): Verdict {
  // The original, too, says nothing of a path that the image lacks.
  if (path === undefined || kind === 'missing') return { kind: 'silent', why: '' }
  const common = judgeCommon(path, reserved)
  if (common !== undefined) return common
  if (kind === 'symlink') {
    return { kind: 'left out', why: 'it is a symbolic link: list what it leads to' }
  }
  if (kind !== 'file' && kind !== 'directory') return { kind: 'left out', why: `it is a ${kind}` }
  if (kind === 'file' && entry.seed === 'dirs') {
    return { kind: 'left out', why: 'it is a file, and dirs is for directories' }
  }
  const hidden = foreign.find((point) => isBelow(point, path))
  if (hidden === undefined) return { kind: 'fit', why: '' }
  return { kind: 'refused', why: `${hidden} is mounted below it and would be hidden` }
}

/** One program for all folders of one mode and owner, of which an image has a handful. */
function planFolders(fit: readonly Fit<RwtabFacts>[]): Step[] {
  const folders = fit.flatMap((facts) => facts.folders)
  const groups = groupBy(folders, ({ mode, uid, gid }) => [mode, uid, gid].join())
  return [...groups.values()].flatMap(planGroup)
}

function planGroup(folders: readonly FolderFacts[]): MakeDirectoriesStep[] {
  const [first] = folders
  if (first === undefined) return []
  const { mode, uid, gid } = first
  const batches = inBatches(folders.map(({ path }) => `${SCRATCH_FOLDER}${path}`))
  return batches.map((paths) => ({ kind: 'make-directories', mode, uid, gid, paths }))
}

/** Copies paths of the root to scratch. */
export function planScratchCopies(root: View, paths: readonly string[]): Step[] {
  return planCopyTrees(root('/'), paths, SCRATCH_FOLDER)
}

/** What a copy that failed has left of them. */
export function planScratchRemoval(paths: readonly string[]): Step[] {
  const batches = inBatches(paths.map((path) => `${SCRATCH_FOLDER}${path}`))
  return batches.map((batch) => ({ kind: 'remove-tree', path: batch }))
}

/** Copies paths of a tree, which are absolute inside it, to the same places below a folder. */
export function planCopyTrees(from: string, paths: readonly string[], to: string): Step[] {
  const batches = inBatches(paths.map((path) => path.slice(1)))
  return batches.map((batch) => ({ kind: 'copy-trees', from, paths: batch, to }))
}
