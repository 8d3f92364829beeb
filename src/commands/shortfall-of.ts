import { ExpectedError, hintOf } from '../errors.ts'
import type { Shortfall } from '../overlay/outcome.ts'
import type { Planning } from './planning.ts'

/** What an error leaves undone, in words. A bug is kept: the boot goes on without what it hit, and reports it at its end. */
export function shortfallOf({ bugs }: Pick<Planning, 'bugs'>, error: unknown): Shortfall {
  if (error instanceof ExpectedError) return { why: error.message, hint: hintOf(error) }
  bugs.push(error)
  return {
    why: `a bug in holdfast: ${error}`,
    hint: 'Please report it: the end of this boot says where it is.',
  }
}
