import type { SnapshotArguments } from '../formats/dm-table.ts'
import type { DmTable, Step } from '../plan/step.ts'
import type { Growth } from './plan-grow.ts'
import { planGrowAttached } from './plan-grow.ts'
import { ROOT_DM, SNAPSHOT_DM } from './plan-snapshot.ts'

/** The snapshot under the root, as the kernel shows it; its devices by their numbers. */
export interface AttachedSnapshot extends SnapshotArguments {
  readonly sectors: number
}

/** What is to be done while the root waits, and what at the end, whatever becomes of that. */
export interface Section {
  readonly steps: readonly Step[]
  readonly always: readonly Step[]
}

/**
 * Makes a snapshot that has overflowed anew, under the mounted root. That it overflowed is kept in memory alone, and the
 * same table loaded again inherits it: so the snapshot goes for a moment, an error target in its place, which nobody
 * reads, because the root's own device is suspended above it.
 *
 * The file system is not told (it could not be frozen: its writes fail) and nothing is flushed. Whatever fails, both
 * devices are resumed at the end: before the error target is in, that is the snapshot as it was; after that, what
 * is read fails as from a disk that is gone, which is better than a machine that waits for ever. What was synced is in
 * the store in either case.
 */
export function planCure(snapshot: AttachedSnapshot): Section {
  const { sectors, origin, cow, persistent, chunkSectors } = snapshot
  const again: DmTable = [0, sectors, 'snapshot', origin, cow, persistent, chunkSectors]
  return {
    steps: [
      { kind: 'suspend-dm', name: ROOT_DM },
      { kind: 'suspend-dm', name: SNAPSHOT_DM },
      { kind: 'load-dm', name: SNAPSHOT_DM, table: [0, sectors, 'error'] },
      { kind: 'resume-dm', name: SNAPSHOT_DM },
      { kind: 'suspend-dm', name: SNAPSHOT_DM },
      { kind: 'load-dm', name: SNAPSHOT_DM, table: again },
      { kind: 'resume-dm', name: SNAPSHOT_DM },
      { kind: 'resume-dm', name: ROOT_DM },
    ],
    always: [{ kind: 'clear-dm', name: SNAPSHOT_DM }, ...resumeBoth()],
  }
}

/** Grows the store of the snapshot `name` while nobody can write to the root: for one that would be full before it has grown otherwise. */
export function planHeldGrowth(name: string, growth: Growth, loop: string): Section {
  return {
    steps: [{ kind: 'suspend-dm', name }, ...planGrowAttached(growth, loop)],
    always: [{ kind: 'resume-dm', name }],
  }
}

/** What is active already stays as it is. */
function resumeBoth(): Step[] {
  return [
    { kind: 'resume-dm', name: SNAPSHOT_DM },
    { kind: 'resume-dm', name: ROOT_DM },
  ]
}
