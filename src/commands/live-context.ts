import type { LiveRoot } from '../cmdline/config.ts'
import type { Facts } from '../machine/facts.ts'
import type { Planning } from './planning.ts'

/** One run of `live`. */
export interface LiveContext extends Planning {
  readonly root: LiveRoot
  readonly facts: Facts
}
