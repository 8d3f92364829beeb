import type { View } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'
import { folderOf } from './paths.ts'

/** A symbolic link as the state device has it. It is never followed. */
export interface KeptLink {
  /** Inside the root. */
  readonly path: string
  readonly target: string
}

/**
 * A link is made again in the root, once all is mounted, and is no mount: what it leads to is nobody's promise. `found`
 * is what a link says that is there already.
 */
export function planLink(
  root: View,
  { path, target }: KeptLink,
  found: string | undefined,
): Step[] {
  if (found === target) return []
  const at = root(path)
  return [
    { kind: 'make-directory', path: folderOf(at) },
    { kind: 'remove-file', path: at },
    { kind: 'make-link', path: at, target },
  ]
}
