import { type CowCursor, cursorUsedBytes, newCowCursor, readOn } from '../formats/cow-cursor.ts'
import { parseSnapshotStatus } from '../formats/dm-table.ts'
import type { System } from '../machine/system.ts'
import type { Look } from '../overlay/monitor-policy.ts'
import { probeLoopBytes, type RootStore } from '../overlay/probe-root-store.ts'
import { holeBytes } from '../overlay/store-facts.ts'

/** The kernel is asked seldom, and oftener where it matters; an overflow that is known ends by a cure alone, perhaps by hand. */
const ASK_EVERY_MS = 60_000
const ASK_OFTEN_MS = 5_000
const ASK_OVERFLOWED_MS = 20_000
/** With less free than this, the kernel may know of an overflow that its entries do not show yet. */
const NEARLY_FULL_BYTES = 4 << 20

/** Looks at one store again and again: what it has read once it does not read again. */
export interface Eye {
  /** Throws a SystemError when the store's file cannot be read. */
  look(store: RootStore): Look
  /** The next look asks the kernel, whenever it did so last. */
  askAnew(): void
}

/** For a store with chunks of that size. A look costs two reads, of 4 KiB and of a line, and two calls; no process, but now and then. */
export function openEye(system: System, chunkSectors: number): Eye {
  let cursor: CowCursor = newCowCursor(chunkSectors)
  let state: Look['state'] = 'active'
  let usedBefore: number | undefined
  let askAt = 0

  const ask = (name: string, freeBytes: number) => {
    const said = parseSnapshotStatus(system.run(['dmsetup', 'status', name]).stdout).kind
    // A root whose file system has failed starts no program any more: what was known stays known.
    if (said !== 'unknown') state = said
    askAt = system.monotonicMs() + askAfterMs(state, freeBytes)
  }

  return {
    look({ name, path, folder, room, loop }) {
      cursor = readOn((offset, length) => system.readBytes(path, offset, length), cursor)
      const { bytes: fileBytes, allocatedSectors } = system.stat(path)
      // The kernel has what the loop device has: after a growth that was cut off, or during one, less than the file.
      const bytes = Math.min(fileBytes, probeLoopBytes(system, loop))
      const usedBytes = cursorUsedBytes(cursor)
      if (system.monotonicMs() >= askAt) ask(name, bytes - usedBytes)
      // Where the store has holes, what is free beside it is for these first.
      const missingBytes = holeBytes({ bytes: fileBytes, allocatedBytes: allocatedSectors * 512 })
      const holderFreeBytes = system.freeBytes(folder) - missingBytes
      const filledBytes = usedBytes - (usedBefore ?? usedBytes)
      usedBefore = usedBytes
      const seen = { ...room, bytes, usedBytes, holderFreeBytes }
      return { room: seen, fileBytes, missingBytes, state, filledBytes }
    },
    askAnew() {
      askAt = 0
    },
  }
}

function askAfterMs(state: Look['state'], freeBytes: number): number {
  if (state !== 'active') return ASK_OVERFLOWED_MS
  return freeBytes < NEARLY_FULL_BYTES ? ASK_OFTEN_MS : ASK_EVERY_MS
}
