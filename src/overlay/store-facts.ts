import type { CowHeader } from '../formats/cow-store.ts'
import type { CowUsage } from '../formats/cow-usage.ts'

/** What lies at the store's path on the persistence device. */
export type StoreFacts =
  | { readonly kind: 'missing' }
  /** Nothing lies there, for a recovery was cut off between two names: old store and cured copy lie beside it. */
  | { readonly kind: 'interrupted' }
  /** A folder of the path, or its end, is something else than it should be. */
  | { readonly kind: 'unfit'; readonly why: string }
  | { readonly kind: 'directory'; readonly path: string }
  | Unreadable
  /** A dry run cannot look into a file system that is not mounted: taken for what is wanted there. */
  | { readonly kind: 'unseen'; readonly path: string }
  | StoreFile

/** Its disk fails; `why` says at which byte. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly why: string
}

export interface StoreFile {
  readonly kind: 'file'
  /** Whole path, through the mounted persistence device. */
  readonly path: string
  readonly bytes: number
  /** What it takes on the disk: less than its length where it is sparse. */
  readonly allocatedBytes: number
  /** What is free on the file system that it lies on. */
  readonly holderFreeBytes: number
  /** The most that a file can have there; undefined where that is no limit. */
  readonly longestBytes?: number | undefined
  readonly header: CowHeader
  /** How full it is; undefined where the header is not that of a store, and nothing is lost by that. */
  readonly usage: CowUsage | Unreadable | undefined
  /** What else it holds, where it is no store: 'ext4', 'squashfs'. */
  readonly content: string | undefined
  /** The loop device that has it already, as a node. */
  readonly loop: string | undefined
}

/** Whether parts of a store have no blocks on the disk. */
export function isSparse(store: { bytes: number | undefined; allocatedBytes: number }): boolean {
  return store.bytes !== undefined && store.allocatedBytes < store.bytes
}

/** How many bytes of a store have no blocks on the disk. */
export function holeBytes(store: { bytes: number; allocatedBytes: number }): number {
  return Math.max(0, store.bytes - store.allocatedBytes)
}
