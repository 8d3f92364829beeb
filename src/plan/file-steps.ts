/** Steps that make, fill, copy, move and remove files and folders. */
export type FileStep =
  | { readonly kind: 'make-directory'; readonly path: string }
  /** A new file of that length that is one hole; only ever made in RAM. */
  | { readonly kind: 'make-sparse-file'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'allocate-file'; readonly path: string; readonly bytes: number }
  /** A file that is longer, with blocks for all of what is new, which reads as zeros. */
  | {
      readonly kind: 'grow-file'
      readonly path: string
      readonly fromBytes: number
      readonly bytes: number
      readonly allocation: Allocation
    }
  /** Zeros at an offset of a file, which is made where it is missing; multiples of 16 KiB. */
  | {
      readonly kind: 'fill-zeros'
      readonly path: string
      readonly offsetBytes: number
      readonly bytes: number
    }
  /** Shares its blocks with the first where the file system can; a copy that does not is never sparse. */
  | { readonly kind: 'copy-file'; readonly from: string; readonly to: string }
  /** A short one, which holdfast copies by itself; no process is worth it. */
  | { readonly kind: 'copy-short-file'; readonly from: string; readonly to: string }
  /** Under their own names; links are followed. */
  | { readonly kind: 'copy-files'; readonly from: readonly string[]; readonly to: string }
  | MakeDirectoriesStep
  | CopyTreesStep
  /** Whatever lies in the folder, hidden files too; nothing that is mounted below it. */
  | { readonly kind: 'empty-folder'; readonly path: string }
  /** A file or a folder with all that is in it, or several; no symbolic link is followed, no error where nothing is there. */
  | { readonly kind: 'remove-tree'; readonly path: string | readonly string[] }
  /** A file of OverlayFS gets into the upper layer, as it is. */
  | { readonly kind: 'copy-up'; readonly path: string }
  | CopyLabelsStep
  /** A folder that is empty. */
  | { readonly kind: 'remove-folder'; readonly path: string }
  /** Everything that was written to the file system of that folder is on its disk when the step ends. */
  | { readonly kind: 'sync-file-system'; readonly path: string }
  | { readonly kind: 'remove-file'; readonly path: string }
  /** A part of a store's metadata becomes zero, and is on the disk when the step ends; multiples of 16 bytes. */
  | {
      readonly kind: 'clear-entries'
      readonly path: string
      readonly offsetBytes: number
      readonly bytes: number
    }
  /** The first bytes of an existing file, given as byte values; on the disk when the step ends. */
  | {
      readonly kind: 'write-start'
      readonly path: string
      readonly bytes: readonly number[]
      /** What they were, where that is to be written again when a later step fails. */
      readonly before?: readonly number[]
    }
  | { readonly kind: 'write-file'; readonly path: string; readonly text: string }
  /** A whole new content or the old one, whatever happens, and on the disk when the step ends. */
  | {
      readonly kind: 'replace-file'
      readonly path: string
      readonly text: string
      /** What it held; undefined where there was no such file. */
      readonly before: string | undefined
    }
  | { readonly kind: 'rename-file'; readonly from: string; readonly to: string }
  | { readonly kind: 'make-link'; readonly path: string; readonly target: string }
  /** fsync of a file or folder. */
  | { readonly kind: 'sync'; readonly path: string }

/** How a file gets its blocks: by the file system's own means, or by writing zeros where it has none (vfat). */
export type Allocation = 'fallocate' | 'zeros'

/** Folders of one mode and one owner, made with their parents; one that is there gets mode and owner. */
export interface MakeDirectoriesStep {
  readonly kind: 'make-directories'
  /** Permission bits, 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly paths: readonly string[]
}

/**
 * Files and folders with all that they hold, by their paths below `from`, to the same paths below `to`: content, owner, mode,
 * times, extended attributes and access control lists, and mode and owner of the parents that are made.
 */
export interface CopyTreesStep {
  readonly kind: 'copy-trees'
  readonly from: string
  /** Relative, without `..`. */
  readonly paths: readonly string[]
  readonly to: string
  /** The files themselves under second names, instead of copies. */
  readonly links?: true
}

/** Each gets the label of SELinux that the other one has; no policy has to be loaded. Links are not followed. */
export interface CopyLabelsStep {
  readonly kind: 'copy-labels'
  readonly labels: readonly { readonly from: string; readonly to: string }[]
}
