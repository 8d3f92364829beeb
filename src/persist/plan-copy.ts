import { DROPPED_FOLDER } from '../keeping/stateless-backing.ts'
import type { Step } from '../plan/step.ts'
import { folderOf, foldersAbove, isBelow } from '../stateless/paths.ts'
import { planCopyTrees } from '../stateless/plan-scratch.ts'
import { planNote, replacedFolder } from './replaced.ts'
import type { StateFacts, WantedPath } from './state-facts.ts'

/**
 * The copy of a path on the state device, with owner, mode, times, extended attributes and access control lists, on the
 * disk when the plan ends: laid aside first, so that a power cut leaves no half of it under its name. What has the name is moved
 * away, so that it can be taken back. `dropped` is the name of what was unpersisted and is seen at the path still; undefined for none.
 */
export function planCopy(
  state: StateFacts,
  wanted: WantedPath,
  dropped: string | undefined,
): Step[] {
  const { folder, copies } = state
  const sync: Step = { kind: 'sync-file-system', path: folder }
  if (dropped !== undefined) {
    const to = `${folder}${wanted.path}`
    return [
      { kind: 'make-directory', path: folderOf(to) },
      { kind: 'rename-file', from: `${folder}/${DROPPED_FOLDER}/${dropped}`, to },
      sync,
    ]
  }
  // A folder for each path of a call: the copy of an earlier one is taken back into its own.
  const seed = `${seedFolder(folder)}/${copies}`
  const nameOfOld = new Map(
    wanted.pieces
      .filter((piece) => isOccupied(wanted, piece))
      .map((piece, index) => [piece, `${copies}-${index}`]),
  )
  const replaced = replacedFolder(folder)
  return [
    // What one that was cut off has left there would be taken for a part of the copy.
    { kind: 'remove-tree', path: copies === 0 ? seedFolder(folder) : seed },
    { kind: 'make-directory', path: seed },
    ...planCopyTrees('/', wanted.pieces, seed),
    ...(nameOfOld.size > 0 ? [{ kind: 'make-directory', path: replaced } as const] : []),
    ...[...nameOfOld].map(([piece, old]) => planNote(`${replaced}/${old}`, piece)),
    sync,
    ...wanted.pieces.flatMap((piece): Step[] => {
      const name = nameOf(state, wanted, piece)
      const to = `${folder}${name}`
      const old = nameOfOld.get(piece)
      return [
        ...(old === undefined
          ? []
          : [{ kind: 'rename-file', from: to, to: `${replaced}/${old}` } as const]),
        { kind: 'rename-file', from: `${seed}${name}`, to },
      ]
    }),
    sync,
  ]
}

/** Only when all else has been done, and all of it is to stay: what is taken back needs what is removed here. */
export function planCopyEnd({ folder, copies }: StateFacts): Step[] {
  if (copies === 0) return []
  return [{ kind: 'remove-tree', path: [seedFolder(folder), replacedFolder(folder)] }]
}

/** The name under which a boot lays its own seeds: it removes what a power cut has left there. */
function seedFolder(folder: string): string {
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

/** What is listed and not seen at the path, or what an earlier life has left at the name, and nobody lists. */
function isOccupied({ path, kept, occupied }: WantedPath, piece: string): boolean {
  return piece === path ? kept.kind !== 'missing' : occupied.includes(piece)
}
