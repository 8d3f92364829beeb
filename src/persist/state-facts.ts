import type { Mount } from '../formats/mount-table.ts'
import type { FileStat } from '../machine/system.ts'
import type { Carries } from '../stateless/kept-files/carries.ts'
import type { Listed } from '../stateless/listed.ts'
import type { KeptFacts } from '../stateless/path-facts.ts'
import type { Remark } from '../stateless/remark.ts'

/** The state file system of the running system, and what is listed as kept on it. */
export interface StateFacts {
  /** Where it is mounted. */
  readonly folder: string
  readonly mount: Mount
  /** All mounts of the machine, and the one that a path lies on: they tell what is in effect. */
  readonly mounts: readonly Mount[]
  mountOf(path: string): Mount | undefined
  /** What the layers with kept files have for the next boot, by their record. */
  isCarried: Carries
  /** Of /etc/statetab, /etc/statetab.d and the device's own list, in their order. */
  readonly entries: readonly ListEntry[]
  /** On lines of these lists that are not understood, or not as they stand. */
  readonly remarks: readonly Remark[]
  /** The text of the device's own list; undefined where it has none. */
  readonly listText: string | undefined
  /** Names in DROPPED_FOLDER: what was unpersisted since boot and may still be mounted. */
  readonly dropped: readonly string[]
  /** Paths on it that the plans so far have made, and taken away. */
  readonly made: ReadonlySet<string>
  readonly gone: ReadonlySet<string>
  /** How many paths they have copied or moved away: it gives the names for that. */
  readonly copies: number
}

export interface ListEntry extends Listed {
  /** Where the path leads, links of its folders followed. */
  readonly at: string
}

/** The list on the state device that persist and unpersist write (oVirt's /config/files). */
export const OWN_LIST = 'files'

/** A path that somebody wants kept, or not kept any more. */
export interface WantedPath {
  readonly asked: string
  /** Links of its folders followed, its own last part not. */
  readonly path: string
  readonly kind: FileStat['kind'] | 'missing'
  /** Of a link. */
  readonly target: string | undefined
  /** What the state device has of it. */
  readonly kept: KeptFacts
  /** Names in the folders above it on the state device, by path: they go when they become empty. */
  readonly neighbours: ReadonlyMap<string, readonly string[]>
  /** The paths that together are all of it, but for what is kept below it already; the path alone where nothing is. */
  readonly pieces: readonly string[]
  /** Of the pieces, those at whose names the device has something. */
  readonly occupied: readonly string[]
}
