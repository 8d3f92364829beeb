import type { ByteRange } from '../formats/cow-areas.ts'
import type { SeenBase } from './base-identity.ts'
import type { Growth } from './plan-grow.ts'
import type { CheckFacts } from './probe-check.ts'

/** What was asked of a recovery. */
export interface RecoveryRequest {
  /** The store itself is worked on, and no copy is left. */
  readonly inPlace: boolean
  /**
   * What follows entries that were destroyed is given up; the file system is checked though the store is sound, and
   * repaired whatever that costs.
   */
  readonly force: boolean
}

/** A base that was looked for: a device or a file. */
export type BaseFacts =
  | {
      readonly kind: 'found'
      /** The node of a device, or the path of a file. */
      readonly file: string
      readonly identity: SeenBase
    }
  /** `why` says what is missing. */
  | { readonly kind: 'none'; readonly why: string }

/** A store that is to be recovered, as it was found. */
export interface RecoveryFacts {
  readonly check: CheckFacts
  /** Where it lies or should lie, as a whole path. */
  readonly path: string
  /** Of a damaged store: entries before the damage, all of which could be read with their data. */
  readonly entriesBeforeDamage: number | undefined
  /** What the copy takes that an interrupted recovery left, or whatever lies there; undefined where nothing does. */
  readonly copyBytes: number | undefined
  /** Whether something lies where the old store is to lie. */
  readonly hasOld: boolean
  /** Whether the device of a recovery is there: another one runs, or one was killed. */
  readonly isRunning: boolean
  /** The type of the file system that it lies on. */
  readonly holderType: string | undefined
  readonly base: BaseFacts
  /** Programs that are not on this machine. */
  readonly missingPrograms: readonly string[]
}

/** What is to be done to a store. */
export interface Recovery {
  readonly path: string
  /** What is worked on: a copy beside the store, or the store itself. */
  readonly work: string
  readonly bytes: number
  readonly chunkSectors: number
  /** Whether a copy that was left lies beside it. */
  readonly hasCopy: boolean
  /** A sentence for each thing that is wrong. */
  readonly wrong: readonly string[]
  readonly isInvalid: boolean
  readonly stale: ByteRange | undefined
  readonly growth: Growth | undefined
  readonly repair: Repair
}

/** Whether the file system in base and store can be checked. */
export type Repair =
  | {
      readonly kind: 'planned'
      readonly base: string
      readonly baseSectors: number
      readonly how: 'safe' | 'all'
    }
  | { readonly kind: 'left-out'; readonly why: string }
