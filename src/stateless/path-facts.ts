import type { FileStat } from '../machine/system.ts'
import type { Listed } from './listed.ts'
import type { RwtabEntry } from './parse-rwtab.ts'

/** What is at a listed path, inside the root. */
export interface PathFacts {
  /** Where it leads, links of its folders followed; undefined when it leads nowhere. */
  readonly path: string | undefined
  readonly kind: FileStat['kind'] | 'missing'
}

/** A folder of the image and who may use it. */
export interface FolderFacts {
  readonly path: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export interface RwtabFacts extends PathFacts {
  readonly entry: RwtabEntry
  /** Itself for `empty`, itself and all folders below it for `dirs`; none for anything else. */
  readonly folders: readonly FolderFacts[]
}

export interface StatetabFacts extends PathFacts {
  readonly entry: Listed
  /** Whether something could be made there: the file system that it lies on is writable. */
  readonly writable: boolean
  /** Of the folders above it, the nearest that is there. */
  readonly nearest: string
  readonly kept: KeptFacts
  /** Length of the file that is kept, or of the root's where nothing is kept yet; 0 for a folder. */
  readonly bytes: number
}

/** What the state device holds of a path. */
export type KeptFacts =
  | { readonly kind: 'file' | 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** `top` is the first part on the way that is not there. */
  | { readonly kind: 'missing'; readonly top: string }
  | { readonly kind: 'unfit'; readonly why: string }
