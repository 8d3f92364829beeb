import type { SnapshotStatus } from '../formats/dm-table.ts'
import { neverOverflowBytes } from '../formats/never-overflow.ts'
import {
  grownBytes,
  HOLDER_MARGIN_BYTES,
  isLongest,
  LEAST_GROWTH_BYTES,
  type Room,
} from './growth.ts'

/** How it stands with a store, from well to worst; all but the first only where it cannot grow any more. */
export const LEVELS = ['well', 'low', 'scarce', 'full', 'lost'] as const
export type Level = (typeof LEVELS)[number]

/** A store in use, as one look finds it. */
export interface Look {
  /** What is free on the holder is what its holes leave: below 0 where it lacks blocks for these. */
  readonly room: Room
  /** Where its loop device, whose bytes are the room's, has been left shorter. */
  readonly fileBytes?: number
  /** Of its file, how much has no blocks on the disk. */
  readonly missingBytes?: number
  readonly state: SnapshotStatus['kind']
  /** What was written to the store since the look before. */
  readonly filledBytes?: number
  /** Not for a while after a growth has failed. */
  readonly mayGrow?: boolean
  /** Not where its file system has shown that it gives holes no blocks. */
  readonly mayFill?: boolean
}

export type Decision =
  /** It is as large as its base can ever need, and all of it is on the disk. */
  | { readonly kind: 'done' }
  /** Look again after a while; `standby`: it would grow if it could, and may have to while writers wait. */
  | {
      readonly kind: 'wait'
      readonly level: Level
      readonly pauseMs: number
      readonly standby: boolean
    }
  /** Make it longer, fill its holes, cure it where it has overflowed, look again at once; `held`: while the root's writers wait. */
  | { readonly kind: 'grow'; readonly bytes: number; readonly held: boolean }

/**
 * Chunks that the kernel gives to writers before it has noted them in the store (snapshot_cow_threshold of
 * drivers/md/dm-snap.c): so much of what seems free may be taken.
 */
const UNSEEN_CHUNKS = 2048
/**
 * What a persistence device takes at most. A store cannot fill faster: each batch of new chunks is flushed to the device
 * before the kernel goes on.
 */
const FILL_BYTES_PER_SECOND = 256 << 20
/** From a look to the end of the growth that it leads to. */
const GROWTH_SECONDS = 0.75
/** Below that, a store leaves nothing of its device to others. */
const LEAST_HEADROOM_BYTES = 64 << 20
/** A growth makes that many times the head-room free, so that the next is not due with the next chunk. */
const RESERVE = 4 / 3
/** What is made at once: where zeros have to be written, room is to count before all of it is there. */
const PORTION_BYTES = 64 << 20
const PAUSE_MS = { least: 50, most: 2000, helpless: 2000, lost: 60_000 } as const

/**
 * How many bytes of a store are to be free, so that it grows before it is full: what the kernel has given away unseen,
 * and all that a fast device takes before the store has grown. No more than half of the room that is left, in the store
 * and beside it: the other half is for others, as long as both are large. (What the base can still need limits every growth.)
 */
export function headroom({ bytes, usedBytes, chunkSectors, holderFreeBytes }: Room): number {
  const leftBytes = bytes - usedBytes + holderFreeBytes
  const wantedBytes = unseenBytes(chunkSectors) + GROWTH_SECONDS * FILL_BYTES_PER_SECOND
  return Math.min(wantedBytes, Math.max(LEAST_HEADROOM_BYTES, leftBytes / 2))
}

/** What to do about a store. */
export function decide({ room, state, filledBytes = 0, mayGrow = true, ...look }: Look): Decision {
  const { bytes, usedBytes, baseSectors, chunkSectors, holderFreeBytes } = room
  if (state === 'invalid' || state === 'merge-failed') return wait('lost', PAUSE_MS.lost)
  const enough = baseSectors !== undefined && bytes >= neverOverflowBytes(baseSectors, chunkSectors)
  const hasBlocks = holderFreeBytes >= 0
  const fileBytes = Math.max(bytes, look.fileBytes ?? bytes)
  const { missingBytes = 0, mayFill = true } = look
  const canFill = mayGrow && mayFill && missingBytes > 0 && holderFreeBytes >= HOLDER_MARGIN_BYTES
  const fill: Decision | undefined =
    canFill && state === 'active' ? { kind: 'grow', bytes: fileBytes, held: false } : undefined
  if (enough && hasBlocks && state !== 'overflow')
    return fill ?? (missingBytes > 0 ? wait('well', PAUSE_MS.helpless) : { kind: 'done' })
  const freeBytes = bytes - usedBytes
  const headroomBytes = headroom(room)
  if (state === 'active' && hasBlocks && freeBytes >= headroomBytes)
    return fill ?? wait('well', pauseFor(room))
  const possible = grownBytes({ ...room, bytes: fileBytes }, headroomBytes * RESERVE)
  const isCurable = state === 'overflow' && freeBytes >= LEAST_GROWTH_BYTES
  // What is in the file already costs nothing, and is had at once.
  const lacks = fileBytes - bytes >= chunkSectors * 512
  if (mayGrow && (lacks || possible - bytes >= LEAST_GROWTH_BYTES || isCurable)) {
    const isPressing = filledBytes > 0 && freeBytes < unseenBytes(chunkSectors)
    const held = state === 'active' && isPressing
    const portionBytes = lacks ? 0 : PORTION_BYTES
    return { kind: 'grow', bytes: Math.min(possible, fileBytes + portionBytes), held }
  }
  return fill ?? wait(levelOf(room, state), PAUSE_MS.helpless, !isLongest(room))
}

function unseenBytes(chunkSectors: number): number {
  return UNSEEN_CHUNKS * chunkSectors * 512
}

function wait(level: Level, pauseMs: number, standby = false): Decision {
  return { kind: 'wait', level, pauseMs, standby }
}

/** Half of what is free is still there at the next look; where nothing can be done there is no hurry. */
function pauseFor(room: Room): number {
  if (grownBytes(room, Number.POSITIVE_INFINITY) - room.bytes < LEAST_GROWTH_BYTES)
    return PAUSE_MS.helpless
  const seconds = (room.bytes - room.usedBytes) / 2 / FILL_BYTES_PER_SECOND
  const pauseMs = Math.floor(seconds * 1000)
  return Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, pauseMs))
}

/**
 * Of a small store a quarter is much. Where not one chunk is free it is full, whether or not the kernel could be asked:
 * a root whose file system has failed starts no program.
 */
function levelOf(room: Room, state: Look['state']): Level {
  const { bytes, usedBytes, chunkSectors, holderFreeBytes } = room
  const freeBytes = bytes - usedBytes + Math.min(0, holderFreeBytes)
  const lowBytes = Math.min(LEAST_HEADROOM_BYTES, bytes / 4)
  if (state === 'overflow' || freeBytes < chunkSectors * 512) return 'full'
  if (freeBytes < lowBytes / 4) return 'scarce'
  return freeBytes < lowBytes ? 'low' : 'well'
}
