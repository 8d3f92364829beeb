import type { SnapshotStatus } from '../formats/dm-table.ts'
import { neverOverflowBytes } from '../formats/never-overflow.ts'
import { grownBytes, type Room } from './growth.ts'

/** How it stands with a store, from well to worst; all but the first only where it cannot grow any more. */
export const LEVELS = ['well', 'low', 'scarce', 'full', 'lost'] as const
export type Level = (typeof LEVELS)[number]

/** A store in use, as one look finds it. */
export interface Look {
  readonly room: Room
  readonly state: SnapshotStatus['kind']
  /** How much is to be free: see headroom. */
  readonly headroomBytes: number
  /** Not for a while after a growth has failed. */
  readonly mayGrow?: boolean
}

export type Decision =
  /** It is as large as its base can ever need. */
  | { readonly kind: 'done' }
  /** Look again after a while. */
  | { readonly kind: 'wait'; readonly level: Level; readonly pauseMs: number }
  /** Make it longer, cure it where it has overflowed, look again at once; `held`: while the root's writers wait. */
  | { readonly kind: 'grow'; readonly bytes: number; readonly held: boolean }

const LEAST_HEADROOM_BYTES = 16 << 20
const PAGE_BYTES = 4096
/** What is made at once: where zeros have to be written, room is to count before all of it is there. */
const PORTION_BYTES = 64 << 20
/** A growth of less is not worth the trouble, nor a cure that leaves less free. */
const LEAST_GROWTH_BYTES = 1 << 20
/** With less free than that, others may fill it while it grows. */
const PRESSING_BYTES = 4 << 20
/** No persistence device is expected to take more in a second. */
const BYTES_PER_MS = 2 ** 20
const PAUSE_MS = { least: 50, most: 2000, helpless: 2000, lost: 60_000 } as const

/**
 * How many bytes of a store are to be free, so that no burst of writes fills it between two looks: all that the
 * kernel lets be dirty at once (nr_dirty_threshold of /proc/vmstat), each page of it in a chunk of its own.
 */
export function headroom(dirtyBytes: number, chunkSectors: number): number {
  const amplification = Math.max(1, (chunkSectors * 512) / PAGE_BYTES)
  return Math.max(LEAST_HEADROOM_BYTES, dirtyBytes * amplification)
}

/** What to do about a store. */
export function decide({ room, state, headroomBytes, mayGrow = true }: Look): Decision {
  const { bytes, usedBytes, baseSectors, chunkSectors } = room
  if (state === 'invalid' || state === 'merge-failed') return wait('lost', PAUSE_MS.lost)
  const enough = baseSectors !== undefined && bytes >= neverOverflowBytes(baseSectors, chunkSectors)
  if (enough && state !== 'overflow') return { kind: 'done' }
  const freeBytes = bytes - usedBytes
  if (state === 'active' && freeBytes >= headroomBytes) return wait('well', pauseFor(freeBytes))
  // More than is due: the next growth is not due with the next chunk.
  const possible = grownBytes(room, headroomBytes + PORTION_BYTES)
  const isCurable = state === 'overflow' && freeBytes >= LEAST_GROWTH_BYTES
  if (mayGrow && (possible - bytes >= LEAST_GROWTH_BYTES || isCurable)) {
    const held = state === 'active' && freeBytes < Math.min(PRESSING_BYTES, headroomBytes / 8)
    return { kind: 'grow', bytes: Math.min(possible, bytes + PORTION_BYTES), held }
  }
  return wait(levelOf(room, state, headroomBytes), PAUSE_MS.helpless)
}

function wait(level: Level, pauseMs: number): Decision {
  return { kind: 'wait', level, pauseMs }
}

/** A fast device cannot fill it before the next look. */
function pauseFor(freeBytes: number): number {
  const pauseMs = Math.floor(freeBytes / BYTES_PER_MS)
  return Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, pauseMs))
}

/** Of a small store a quarter is much, whatever the head-room is. */
function levelOf({ bytes, usedBytes }: Room, state: Look['state'], headroomBytes: number): Level {
  const freeBytes = bytes - usedBytes
  const lowBytes = Math.min(headroomBytes, bytes / 4)
  if (state === 'overflow') return 'full'
  if (freeBytes < lowBytes / 4) return 'scarce'
  return freeBytes < lowBytes ? 'low' : 'well'
}
