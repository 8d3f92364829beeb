import { STATE_FOLDER } from '../machine/places.ts'
import type { View } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'
import { planCopyTrees } from './plan-scratch.ts'

/** Paths that begin with the root's content, by the topmost folder that the device lacks. */
export interface Seed {
  readonly top: string
  readonly paths: readonly string[]
}

/** Where a seed is laid before it is renamed into its place: what a power cut leaves there is removed. */
const SEED_FOLDER = `${STATE_FOLDER}/.holdfast-seed`

/**
 * Copies what the root has to the state device, whole or not at all: under another name first, and renamed into its place
 * when it is on the disk. `view` tells which of the paths come from scratch.
 */
export function planSeeding(view: View, seeds: readonly Seed[]): Step[] {
  if (seeds.length === 0) return []
  const trees = new Map<string, string[]>()
  for (const path of seeds.flatMap(({ paths }) => paths)) {
    const tree = view(path).slice(0, -path.length)
    const group = trees.get(tree)
    if (group === undefined) trees.set(tree, [path])
    else group.push(path)
  }
  const clean: Step = { kind: 'remove-tree', path: SEED_FOLDER }
  return [
    clean,
    { kind: 'make-directory', path: SEED_FOLDER },
    ...[...trees].flatMap(([tree, paths]) => planCopyTrees(tree || '/', paths, SEED_FOLDER)),
    { kind: 'sync-file-system', path: STATE_FOLDER },
    ...seeds.map(
      ({ top }): Step => ({
        kind: 'rename-file',
        from: `${SEED_FOLDER}${top}`,
        to: `${STATE_FOLDER}${top}`,
      }),
    ),
    clean,
    { kind: 'sync-file-system', path: STATE_FOLDER },
  ]
}
