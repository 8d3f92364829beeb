import type { FstabEntry } from '../formats/fstab.ts'
import { mountsBelow } from '../formats/mount-table.ts'
import type { Facts } from '../machine/facts.ts'
import type { View } from '../machine/resolve-inside.ts'
import type { RootFacts } from '../overlay/root-facts.ts'
import type { Settings } from '../stateless/settings.ts'
import type { Planning } from './planning.ts'
import type { StatelessRun } from './stateless-run.ts'

/** The machine that the listed paths are set up on, and what is asked of it. */
export interface StatelessContext {
  readonly planning: Planning
  readonly settings: Settings
  readonly fstab: readonly FstabEntry[]
  /** As it was before anything of this was done. */
  readonly facts: Facts
  readonly root: RootFacts
  /** The root without anything of this. */
  readonly image: View
  /** Whether the root lists paths that are to be kept. */
  readonly isListed: boolean
  readonly run: StatelessRun
}

/** Mounts below the root that were there before, as seen inside it. */
export function foreignMountPoints({ planning, facts }: StatelessContext): string[] {
  const { newRoot } = planning
  const below = mountsBelow(facts.mounts, newRoot).map(({ mountPoint }) => mountPoint)
  return newRoot === '/' ? below : below.map((point) => point.slice(newRoot.length))
}

/** What RW_MOUNT and STATE_MOUNT show is not to be listed once more. */
export function reservedFolders({ settings }: StatelessContext): string[] {
  return [settings.scratchName, settings.stateName]
}
