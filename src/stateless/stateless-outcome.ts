import type { KeptPath } from './kept-path.ts'

/** What a boot came to for the listed paths: the key `stateless` of the record in /run. */
export interface StatelessOutcome {
  /** Where what lasts until shutdown lies: "RAM", a device, a folder; undefined for nowhere. */
  readonly scratch: string | undefined
  readonly volatile: readonly ListedPath[]
  /** On which device, server or folder what is kept lies; undefined for none. */
  readonly state: string | undefined
  readonly kept: readonly ListedPath[]
  /** Whether the root can be written to outside these paths. */
  readonly rootReadOnly: boolean
  /** Why it is less than was asked; undefined when it is all that was asked. */
  readonly why: string | undefined
  /** What to do about it. */
  readonly hint: string | undefined
}

/** A path that is not the image's own any more, and who asked for it. */
export interface ListedPath {
  readonly path: string
  readonly kind: KeptPath['kind']
  readonly mode: KeptPath['mode']
  /** FILE:LINE, or the file alone. */
  readonly origin: string
}

/** A path as the record has it. */
export function listedPath({ path, kind, mode, origin }: KeptPath): ListedPath {
  const { file, line } = origin
  return { path, kind, mode, origin: line === 0 ? file : `${file}:${line}` }
}

/** The outcome in one line for the console and the journal. */
export function formatStateless(outcome: StatelessOutcome): string {
  const why = outcome.why === undefined ? '' : `: ${outcome.why.split('\n').join('; ')}`
  const word = outcome.why === undefined ? 'stateless' : 'STATELESS, less than was asked'
  return `${word}: ${formatPaths(outcome)}${why}`
}

/** Where the listed paths are. */
export function formatPaths({
  scratch,
  volatile,
  state,
  kept,
  rootReadOnly,
}: StatelessOutcome): string {
  return [
    scratch === undefined
      ? 'no scratch'
      : `${countPaths(volatile)} writable until shutdown, in ${scratch}`,
    state === undefined ? 'none kept' : `${countPaths(kept)} kept on ${state}`,
    rootReadOnly ? 'the root is read-only' : 'the root is writable',
  ].join('; ')
}

/** "1 path", "12 paths". */
export function countPaths({ length }: readonly unknown[]): string {
  return length === 1 ? '1 path' : `${length} paths`
}
