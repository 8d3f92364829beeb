import type { FstabEntry } from '../formats/fstab.ts'
import type { View } from '../machine/resolve-inside.ts'

/** Where a path was asked for: a file as it is named inside the root or on the state device, and the line, from 1. */
export interface Origin {
  readonly file: string
  /** 0 where the file as a whole asks for it. */
  readonly line: number
}

/** A path of the root that is not the image's own any more. */
export interface KeptPath {
  /** Inside the root, free of symbolic links. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** How long it lasts: until shutdown, or as long as the state device; a name is a second one of those two. */
  readonly lasts: 'boot' | 'state' | 'name'
  /** How it comes to be seen at its path. */
  readonly mode: 'bind' | 'overlay'
  readonly origin: Origin
}

/** One line of the table that is mounted in the end. */
export interface PathMount {
  /** Where it is mounted, inside the root. */
  readonly path: string
  readonly source: string
  readonly type: string
  readonly options: readonly string[]
  /** The paths that are not what was asked for when this mount fails. */
  readonly shows: readonly KeptPath[]
}

/** Sentences for the log: what was not understood or left out, and what was asked for and is not there. */
export interface Words {
  readonly remarks: readonly string[]
  readonly shortfalls: readonly string[]
}

/** A path that is seen from another place. With `slaves`, what is mounted below it is not seen there. */
export function bindOf(shown: KeptPath, from: string, slaves: boolean): PathMount {
  const options = slaves ? ['bind', 'slave'] : ['bind']
  return { path: shown.path, source: from, type: 'none', options, shows: [shown] }
}

/** The mount as a line of fstab(5) in the initramfs. */
export function tableEntry(view: View, { path, source, type, options }: PathMount): FstabEntry {
  return { source, at: view(path), type, options }
}
