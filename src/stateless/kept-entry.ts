import { STATE_FOLDER } from '../machine/places.ts'
import type { KeptPath } from './kept-path.ts'
import type { Listed } from './listed.ts'
import type { KeptFacts } from './path-facts.ts'

/** A listed path that can be kept, as the root and the state device show it. */
export interface KeptEntry {
  readonly entry: Listed
  /** Inside the root, free of symbolic links. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** Whether the root has it too, or the state device alone. */
  readonly inRoot: boolean
  /** Whether a place for it could be made in the root. */
  readonly writable: boolean
  /** Of the folders above it, the nearest that the root has. */
  readonly nearest: string
  readonly kept: KeptFacts
  /** Length of what is kept, or is to be. */
  readonly bytes: number
}

/** The path with where it was asked for. */
export function keptPath({ path, kind, entry }: KeptEntry): KeptPath {
  const { file, line } = entry
  return { path, kind, lasts: 'state', mode: 'bind', origin: { file, line } }
}

/** The path at which the state device has it, or will have it. */
export function keptAt({ path, kept }: Pick<KeptEntry, 'path' | 'kept'>): string {
  return kept.kind === 'file' || kept.kind === 'directory' ? kept.path : path
}

/** Where the state device has it, or will have it. */
export function placeOf(entry: KeptEntry): string {
  return `${STATE_FOLDER}${keptAt(entry)}`
}
