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
  readonly kept: KeptFacts
}

/** The path with where it was asked for. */
export function keptPath({ path, kind, entry }: KeptEntry): KeptPath {
  const { file, line } = entry
  return { path, kind, lasts: 'state', mode: 'bind', origin: { file, line } }
}

/** Where the state device has it, or will have it. */
export function placeOf({ path, kept }: KeptEntry): string {
  return `${STATE_FOLDER}${kept.kind === 'file' || kept.kind === 'directory' ? kept.path : path}`
}
