import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

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

/** Machines and image builds at once: one for each core that they were tuned for. */
const MACHINES = 2
const ASK_AGAIN_MS = 200

const inOwnSlot = makeSlots(MACHINES)

/** Runs work when one of the two slots is free that all test runs on this computer share. */
export const inSlot: InSlot = (work) =>
  inOwnSlot(async () => {
    const slot = await takeSlot()
    try {
      return await work()
    } finally {
      rmSync(slot, { force: true })
      // Else the next machine of this run would have it before another run has asked again.
      await sleep(ASK_AGAIN_MS * 1.5)
    }
  })

async function takeSlot(): Promise<string> {
  for (;;) {
    for (let number = 0; number < MACHINES; number++) {
      const slot = join(tmpdir(), `holdfast-slot-${number}`)
      if (tryTake(slot)) return slot
    }
    await sleep(ASK_AGAIN_MS)
  }
}

/** A slot is a link to the process that has it: made whole or not at all. That of a process that is gone is free. */
function tryTake(slot: string): boolean {
  try {
    symlinkSync(`/proc/${process.pid}`, slot)
    return true
  } catch {
    if (!existsSync(slot)) rmSync(slot, { force: true })
    return false
  }
}
