/** What could not be done of a list, and why. */
export interface Failed {
  readonly items: readonly string[]
  readonly why: string
}

/** A program that is to do thousands of things and can do none of them is not started thousands of times. */
const MOST_TRIES = 60

/**
 * Does something to all of a list at once, and where that fails finds those that it fails for in halves, not one by one. `attempt`
 * leaves nothing behind when it gives a reason. What is not found within 60 tries has failed.
 */
export function inHalves(
  items: readonly string[],
  attempt: (some: readonly string[]) => string | undefined,
): Failed[] {
  let tries = MOST_TRIES
  const trySome = (some: readonly string[]): Failed[] => {
    if (some.length === 0) return []
    tries--
    const why = attempt(some)
    if (why === undefined) return []
    if (some.length === 1 || tries <= 0) return [{ items: some, why }]
    const middle = Math.ceil(some.length / 2)
    return [...trySome(some.slice(0, middle)), ...trySome(some.slice(middle))]
  }
  return trySome(items)
}
