import { DROPPED_FOLDER } from '../keeping/stateless-backing.ts'
import type { Step } from '../plan/step.ts'
import { foldersAbove, isBelow } from '../stateless/paths.ts'
import { planCopyTrees } from '../stateless/plan-scratch.ts'
import type { StateFacts, WantedPath } from './state-facts.ts'

/**
 * The copy of a path on the state device, with owner, mode, times, extended attributes and access control lists, on the
 * disk when the plan ends: laid aside first, so that a power cut leaves no half of it under its name. `dropped`
 * is the name of what was unpersisted and is seen at the path still; undefined for none.
 */
export function planCopy(
  state: StateFacts,
  wanted: WantedPath,
  dropped: string | undefined,
): Step[] {
  const { folder } = state
  const sync: Step = { kind: 'sync-file-system', path: folder }
  if (dropped !== undefined) {
    const to = `${folder}${wanted.path}`
    return [
      { kind: 'make-directory', path: to.slice(0, to.lastIndexOf('/')) },
      ...planRoom(state, wanted, wanted.path),
      { kind: 'rename-file', from: `${folder}/${DROPPED_FOLDER}/${dropped}`, to },
      sync,
    ]
  }
  const seed = seedFolder(state)
  return [
    { kind: 'remove-tree', path: seed },
    { kind: 'make-directory', path: seed },
    ...planCopyTrees('/', wanted.pieces, seed),
    sync,
    ...wanted.pieces.flatMap((piece): Step[] => {
      const name = nameOf(state, wanted, piece)
      return [
        ...planRoom(state, wanted, piece),
        { kind: 'rename-file', from: `${seed}${name}`, to: `${folder}${name}` },
      ]
    }),
    sync,
  ]
}

/** Only when all else has been done: what is taken back is renamed there again. */
export function planCopyEnd(state: StateFacts): Step {
  return { kind: 'remove-tree', path: seedFolder(state) }
}

/** The name under which a boot lays its own seeds: it removes what a power cut has left there. */
function seedFolder({ folder }: StateFacts): string {
  return `${folder}/.holdfast-seed`
}

/** What is renamed into its place: the piece, or the first of its folders that the device lacks. */
function nameOf({ made }: StateFacts, { path, kept }: WantedPath, piece: string): string {
  if (piece !== path || kept.kind !== 'missing') return piece
  const missing = [path, ...foldersAbove(path)].filter(
    (each) => each === kept.top || isBelow(each, kept.top),
  )
  return missing.reverse().find((each) => !made.has(each)) ?? piece
}

/** What an earlier life has left at the name, and nobody lists; a file is replaced by the rename itself. */
function planRoom({ folder }: StateFacts, { path, kind, kept }: WantedPath, piece: string): Step[] {
  if (piece !== path) return [{ kind: 'remove-tree', path: `${folder}${piece}` }]
  if (kept.kind === 'missing') return []
  const isReplaced = kind !== 'directory' && kept.kind !== 'directory'
  return isReplaced ? [] : [{ kind: 'remove-tree', path: `${folder}${path}` }]
}
