type InSlot = <T>(work: () => Promise<T>) => Promise<T>

/** Makes a function that runs work as soon as one of `count` slots is free; first come, first served. */
export function makeSlots(count: number): InSlot {
  const waiting: (() => void)[] = []
  let free = count
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** Machines and image builds at once, in the whole test run: one for each core that they were tuned for. */
export const inSlot = makeSlots(2)
