import { STATE_FOLDER } from '../machine/places.ts'
import type { View } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'
import { groupBy } from './paths.ts'
import { planCopyTrees } from './plan-scratch.ts'

/** Of a path that the device lacks, the first part on the way to it that is not there: itself or a folder above it. */
export type TopOf = (path: string) => string

/** Where a seed is laid before it is renamed into its place: what a power cut leaves there is removed. */
const SEED_FOLDER = `${STATE_FOLDER}/.holdfast-seed`

/** What a seeding that failed has left. */
export const REMOVE_SEEDS: Step = { kind: 'remove-tree', path: SEED_FOLDER }

/**
 * Copies the paths from the root to the state device, whole or not at all: under another name first, and renamed into their
 * places when they are on the disk. `view` tells which of them come from scratch.
 */
export function planSeeding(view: View, paths: readonly string[], topOf: TopOf): Step[] {
  if (paths.length === 0) return []
  const trees = groupBy(paths, (path) => view(path).slice(0, -path.length) || '/')
  const tops = [...new Set(paths.map(topOf))]
  return [
    REMOVE_SEEDS,
    { kind: 'make-directory', path: SEED_FOLDER },
    ...[...trees].flatMap(([tree, below]) => planCopyTrees(tree, below, SEED_FOLDER)),
    { kind: 'sync-file-system', path: STATE_FOLDER },
    ...tops.map(
      (top): Step => ({
        kind: 'rename-file',
        from: `${SEED_FOLDER}${top}`,
        to: `${STATE_FOLDER}${top}`,
      }),
    ),
    REMOVE_SEEDS,
    { kind: 'sync-file-system', path: STATE_FOLDER },
  ]
}
