import { formatBytes } from '../formats/bytes.ts'

/** What a boot came to: what the record in /run keeps, the console line says and status shows. */
export interface Outcome {
  readonly mode: 'persistent' | 'temporary' | 'readonly' | 'untouched'
  readonly technology: 'dm-snapshot' | 'overlayfs' | 'none'
  /** DEVICE:PATH of the store that keeps the changes. */
  readonly store: string | undefined
  readonly usedBytes: number | undefined
  readonly storeBytes: number | undefined
  /** rootflags=ro and the like: the changes could be kept, but nothing can be written. */
  readonly rootReadOnly: boolean
  /** Why it is less than was asked; undefined when it is all that was asked. */
  readonly why: string | undefined
  /** What to do about it. */
  readonly hint?: string | undefined
  /** Further sentences for the log: an empty store that was read-only, a store that was reset. */
  readonly remarks: readonly string[]
  /** Sentences that have to be read, though it is all that was asked: a store that was taken on trust. */
  readonly warnings?: readonly string[] | undefined
}

/** What could not be had, and what to do about it. */
export interface Shortfall {
  readonly why: string
  readonly hint: string | undefined
}

/** The outcome in one line for the console and the journal. */
export function formatOutcome(outcome: Outcome): string {
  const why = outcome.why === undefined ? '' : `: ${outcome.why}`
  const mounted = outcome.rootReadOnly ? '; the root is mounted read-only' : ''
  switch (outcome.mode) {
    case 'persistent':
      return `persistent: ${outcome.store}${formatUse(outcome)}${mounted}`
    case 'temporary':
      return `TEMPORARY: changes are lost at shutdown${why}${mounted}`
    case 'readonly':
      return `READ-ONLY: nothing can be written to the root${why}`
    case 'untouched':
      return `the root is left as it is${why}`
  }
}

function formatUse({ usedBytes, storeBytes }: Outcome): string {
  if (usedBytes === undefined || storeBytes === undefined) return ''
  return `, ${formatBytes(usedBytes)} of ${formatBytes(storeBytes)} used`
}
