const startedAt = Date.now()

/** A line with the seconds since the start before it. */
export function say(text: string): void {
  console.log(`[${`${secondsSince(startedAt)}`.padStart(4)} s] ${text}`)
}

/** Says what is begun, and how long it took when it is done. */
export async function stage<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} ...`)
  const begunAt = Date.now()
  const result = await work()
  say(`... ${secondsSince(begunAt)} s`)
  return result
}

function secondsSince(then: number): number {
  return Math.round((Date.now() - then) / 1000)
}
