import type { FolderFacts } from '../path-facts.ts'
import type { FilesRecord, LaidFile, Version } from './record.ts'

/** What the layer has of a file that was laid into it. */
export type UpperFacts =
  | ({ readonly kind: 'file' } & Version)
  /** A folder or a symbolic link at an awaited path, which is kept as it is. */
  | { readonly kind: 'tree' }
  /** Deleted, or a folder on the way to it was. */
  | { readonly kind: 'gone' }
  /** It has become something else, or a folder on the way to it has: `what` it is now. */
  | { readonly kind: 'other'; readonly what: string }
  /** The layer is not there, so that nothing follows from what it does not have. */
  | { readonly kind: 'unknown' }

/** What the state device has of a kept file, at its own place. No symbolic link is followed. */
export type StateFacts =
  | ({ readonly kind: 'file' } & Version)
  | { readonly kind: 'missing' }
  | { readonly kind: 'unfit'; readonly why: string }

/** A file that the layer was to show, or not to show because it was deleted, or that was not there yet. */
export interface FileFacts {
  readonly file: LaidFile
  readonly sort: 'laid' | 'deleted' | 'awaited'
  /** The folders on the way to it that the device lacks, as the layer has them. */
  readonly ways: readonly FolderFacts[]
  readonly upper: UpperFacts
  readonly state: StateFacts
}

/** What there is to be harvested. */
export type HarvestFacts =
  | { readonly kind: 'none' }
  /** Something on the device is not as holdfast makes it: it is left alone, and so are the layers. */
  | { readonly kind: 'unfit'; readonly why: string }
  | {
      readonly kind: 'record'
      readonly record: FilesRecord
      readonly text: string
      readonly files: readonly FileFacts[]
      /** Of the layer, files and links that no list has; at most MOST_COUNTED. */
      readonly unlisted: number
    }

/** Counting ends here: the log says "more than". */
export const MOST_COUNTED = 10_000
