import { RefusedError } from '../errors.ts'
import type { StaleEntries } from '../formats/cow-areas.ts'
import { describeHole } from '../formats/cow-hole.ts'

/** Where a store's list ends, and what stands behind that. */
interface List {
  readonly exceptions: number
  readonly stale: StaleEntries | undefined
}

/** What the kernel makes of a list in which the entry `empty` is, in words; `last` is the last of those that follow. */
export function sayLeftOut(empty: number, last: number): string {
  return `entry ${empty} is empty, and the kernel would leave out all that follow, up to entry ${last}`
}

/**
 * Why a list is damaged: entries in it were destroyed, and others follow which had been committed; undefined where it is
 * not, or a power cut tore the write of what follows.
 */
export function sayDamage(chunkSectors: number, { exceptions, stale }: List): string | undefined {
  if (stale === undefined || stale.mayBeTorn) return undefined
  const { emptyEntries, entriesBehind } = describeHole(chunkSectors, exceptions, stale)
  return sayLeftOut(exceptions, exceptions + emptyEntries + entriesBehind - 1)
}

/** Throws a RefusedError for a list that is damaged: it is used only when what follows the damage was given up. */
export function judgeHole(name: string, chunkSectors: number, list: List): void {
  const damage = sayDamage(chunkSectors, list)
  if (damage === undefined) return
  throw new RefusedError(
    `'${name}' is damaged: ${damage}`,
    `Look at it with: holdfast check ${name}. What follows is given up by holdfast recover --force ${name}, in a copy. The store has not been touched.`,
  )
}
