import { formatBytes } from '../formats/bytes.ts'
import { isDisorderly } from '../formats/never-overflow.ts'
import {
  BOOT_FREE_BYTES,
  grownBytes,
  HOLDER_MARGIN_BYTES,
  isLongest,
  isNearlyFull,
  isShortForBoot,
  LEAST_GROWTH_BYTES,
  type Room,
} from './growth.ts'
import type { FitStore } from './judge-store.ts'
import { LEAVE_FAT, LONGEST_ON_FAT } from './longest-file.ts'
import type { Shortfall } from './outcome.ts'
import type { Growth } from './plan-grow.ts'
import { isSparse } from './store-facts.ts'

/**
 * How the store is made longer before it is attached, when it has less free than a boot is to have, or a length at which the kernel would
 * give it up when it runs full; and one that is sparse gets the blocks that it lacks, for on a holder that runs full it
 * would be lost. undefined where it is well, or there is no room.
 */
export function chooseGrowth(store: FitStore, baseSectors: number): Growth | undefined {
  const room = roomOf(store, baseSectors)
  if (room === undefined) return undefined
  const missingBytes = isSparse(store) ? room.bytes - store.allocatedBytes : 0
  const holderFreeBytes = room.holderFreeBytes - missingBytes
  if (holderFreeBytes < HOLDER_MARGIN_BYTES) return undefined
  const grown = grownBytes({ ...room, holderFreeBytes }, BOOT_FREE_BYTES)
  const bytes = helps(room, grown) ? grown : orderly(room)
  if (bytes === room.bytes && missingBytes === 0) return undefined
  const fromBytes = missingBytes > 0 ? 0 : room.bytes
  return { path: store.path, fromBytes, bytes, allocation: 'fallocate' }
}

/** The last room on the device is not spent on a growth after which the store could not be written to either. */
function helps(room: Room, grown: number): boolean {
  if (isNearlyFull(room)) return !isNearlyFull({ ...room, bytes: grown })
  return isShortForBoot(room) && grown - room.bytes >= LEAST_GROWTH_BYTES
}

/** Its length, or one chunk more where a file can have that. */
function orderly({ bytes, chunkSectors, longestBytes = Number.POSITIVE_INFINITY }: Room): number {
  const longer = bytes + chunkSectors * 512
  return isDisorderly(bytes, chunkSectors) && longer <= longestBytes ? longer : bytes
}

/** Why the store may not be written to, when what a boot writes could overflow it; undefined where it may. */
export function judgeRoom(
  name: string,
  store: FitStore,
  baseSectors: number,
): Shortfall | undefined {
  const room = roomOf(store, baseSectors)
  if (room === undefined || !isNearlyFull(room)) return undefined
  const free = formatBytes(room.bytes - room.usedBytes)
  const full = `'${name}' is full: ${free} of ${formatBytes(room.bytes)} are free`
  if (isLongest(room)) {
    return {
      why: `${full}, and ${LONGEST_ON_FAT}`,
      hint: `What it holds can be read. ${LEAVE_FAT}`,
    }
  }
  return {
    why: `${full}, and its device has no room to let it grow`,
    hint: 'What it holds can be read. Make room on its device: it grows at the next boot.',
  }
}

/** undefined for a store that has not been seen. */
function roomOf(store: FitStore, baseSectors: number): Room | undefined {
  const { bytes, usedBytes, chunkSectors, holderFreeBytes, longestBytes } = store
  if (bytes === undefined || usedBytes === undefined) return undefined
  return { bytes, usedBytes, chunkSectors, baseSectors, holderFreeBytes, longestBytes }
}
