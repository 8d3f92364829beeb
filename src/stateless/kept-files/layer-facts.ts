import type { FolderFacts } from '../path-facts.ts'
import type { Place } from './record.ts'

/** A kept file, or one that stays deleted, or a path that nothing is at yet. */
export interface ListedFile extends Place {
  /** Of the folders above it, the nearest that the root has without it. */
  readonly folder: string
  /** Length of what is kept, or of what the root has where nothing is kept yet. */
  readonly bytes: number
}

/** The files of one folder of the root, which get one mount. */
export interface LayerFolder {
  /** Inside the root. */
  readonly folder: string
  /** Laid into the layer. */
  readonly files: readonly ListedFile[]
  /** Deleted again once it is mounted. */
  readonly deleted: readonly ListedFile[]
  /** Neither the root nor the device has them: what is made there goes to the device with the next harvest. */
  readonly awaited: readonly ListedFile[]
  /** Folders of the device that the root lacks: they are mounted on folders of the layer. */
  readonly places: readonly ListedFile[]
}

export type { FolderFacts }
