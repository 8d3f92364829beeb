import { RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import {
  grownBytes,
  HOLDER_MARGIN_BYTES,
  isNearlyFull,
  LEAST_FREE_BYTES,
  type Room,
} from './growth.ts'
import type { Growth } from './plan-grow.ts'
import type { RecoveryFacts, RecoveryRequest } from './recovery.ts'
import { copyPath } from './recovery-paths.ts'
import { isSparse } from './store-facts.ts'

/** File systems on which two files can share their blocks. */
export const SHARING = ['bcachefs', 'btrfs', 'ocfs2', 'xfs']

/**
 * How the file that is worked on grows, where the store is full or has blocks missing, and whether it can be written to
 * then. Throws a RefusedError, with the bytes that it takes, where there is no room for a copy.
 */
export function chooseRoom(
  name: string,
  { check, holderType = '' }: RecoveryFacts,
  room: Room,
  { inPlace }: RecoveryRequest,
): { readonly growth: Growth | undefined; readonly canBeWritten: boolean } {
  const { store } = check
  if (store.kind !== 'file') throw new Error('no store, no room')
  const { bytes, path } = store
  const isShared = !inPlace && SHARING.includes(holderType)
  if (!inPlace) judgeCopy(name, room, isShared)
  // A copy that shares its blocks has the holes of the store, and costs nothing.
  const hasHoles = isSparse(store) && (inPlace || isShared)
  const taken = inPlace || isShared ? 0 : bytes
  const holes = hasHoles ? bytes - store.allocatedBytes : 0
  const left = { ...room, holderFreeBytes: room.holderFreeBytes - taken - holes }
  // Without a base there is no length that is enough: it doubles.
  const wantedFreeBytes = room.baseSectors === undefined ? bytes : Number.POSITIVE_INFINITY
  const grown = isNearlyFull(room) ? grownBytes(left, wantedFreeBytes) : bytes
  const isFilled = hasHoles && left.holderFreeBytes > 0
  const fromBytes = isFilled ? 0 : bytes
  const work = inPlace ? path : copyPath(path)
  return {
    growth:
      grown > fromBytes
        ? { path: work, fromBytes, bytes: grown, allocation: 'fallocate' }
        : undefined,
    canBeWritten: !isNearlyFull({ ...room, bytes: grown }) && (!hasHoles || isFilled),
  }
}

function judgeCopy(name: string, room: Room, isShared: boolean): void {
  const { bytes, holderFreeBytes } = room
  const growing = isNearlyFull(room) ? LEAST_FREE_BYTES : 0
  const needed = (isShared ? 0 : bytes) + growing + HOLDER_MARGIN_BYTES
  if (holderFreeBytes >= needed) return
  throw new RefusedError(
    `a copy of '${name}' takes ${needed} bytes (${formatBytes(needed)}) beside it, and ${holderFreeBytes} are free`,
    'Make room on its device, or work on the store itself with --in-place.',
  )
}
