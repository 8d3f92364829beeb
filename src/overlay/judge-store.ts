import { RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import type { StaleEntries } from '../formats/cow-areas.ts'
import type { CowUsage } from '../formats/cow-usage.ts'
import { judgeHole } from './judge-hole.ts'
import { oldPath } from './recovery-paths.ts'
import type { StoreFacts, StoreFile } from './store-facts.ts'

/** A store that may be attached: a file that begins blank, or a sound store of that chunk size. */
export interface FitStore {
  readonly path: string
  /** undefined, as usedBytes, for one that has not been seen. */
  readonly bytes: number | undefined
  readonly blank: boolean
  /** What the store was formatted with; for a blank one what it will be formatted with. */
  readonly chunkSectors: number
  readonly usedBytes: number | undefined
  /** What its header says now, where it has one: another chunk size than the one it is to have when it is reset. */
  readonly formattedChunkSectors: number | undefined
  readonly allocatedBytes: number
  readonly holderFreeBytes: number
  readonly longestBytes: number | undefined
  /** A shorter base has not all the chunks that it holds a change of; 0 for one that has not been seen. */
  readonly leastBaseSectors: number
  /** What a torn write left, and is to be cleared before the kernel gets it: see CowUsage. */
  readonly stale: StaleEntries | undefined
  /** Whether it holds a part of a base already. */
  readonly holdsChanges: boolean
}

/** 16 KiB, as `create` makes them and as a blank store is formatted at boot. */
export const DEFAULT_CHUNK_SECTORS = 32

const UNTOUCHED = 'The store has not been touched: take a copy before anything else.'

/** The smallest store the kernel can use: header, one metadata area, one chunk of data. */
export const FEWEST_CHUNKS = 3

/**
 * The store, when the kernel can be trusted with it. Throws a RefusedError that names the thing and what to do
 * when it is missing, something else, broken, cut off, or attached already; the store is not touched. One that
 * is about to be reset may be broken, but not something else.
 */
export function judgeStore(name: string, store: StoreFacts, reset: boolean): FitStore {
  switch (store.kind) {
    case 'missing':
      throw new RefusedError(
        `there is no file '${name}'`,
        `Make a store there with: holdfast create ${name}`,
      )
    case 'interrupted':
      throw refuseInterrupted(name)
    case 'unfit':
      throw new RefusedError(
        `'${name}' is not a store: ${store.why}`,
        'A store is a regular file of one name on its own device, and no symbolic link leads to it.',
      )
    case 'unreadable':
      throw new RefusedError(
        `'${name}' is damaged: ${store.why}`,
        'Its disk fails: take a copy of what can still be read.',
      )
    case 'directory':
      throw new RefusedError(
        `'${name}' is a directory, and a store is a file`,
        'Name a file, or ask for a directory with rd.live.overlay.overlayfs.',
      )
    case 'unseen': {
      const unknown = { bytes: undefined, usedBytes: undefined, holdsChanges: true }
      return { ...NOTHING_IN_IT, ...unknown, path: store.path, chunkSectors: DEFAULT_CHUNK_SECTORS }
    }
    case 'file':
      return judgeFile(name, store, reset)
  }
}

const NOTHING_IN_IT = {
  blank: false,
  usedBytes: 0,
  holdsChanges: false,
  leastBaseSectors: 0,
  stale: undefined,
  formattedChunkSectors: undefined,
  allocatedBytes: 0,
  holderFreeBytes: 0,
  longestBytes: undefined,
}

function judgeFile(name: string, store: StoreFile, reset: boolean): FitStore {
  judgeAttached(name, store)
  const header = store.header
  if (header.kind === 'foreign' || store.content !== undefined) throw foreign(name, store)
  const keeps = header.kind === 'store' && !reset
  const chunkSectors = keeps ? header.chunkSectors : DEFAULT_CHUNK_SECTORS
  const leastBytes = FEWEST_CHUNKS * chunkSectors * 512
  if (store.bytes < leastBytes) {
    throw new RefusedError(
      `'${name}' has ${formatBytes(store.bytes)}, too little for a store`,
      'Make a larger one with: holdfast create',
    )
  }
  const { path, bytes, allocatedBytes, holderFreeBytes, longestBytes } = store
  const formattedChunkSectors = header.kind === 'store' ? header.chunkSectors : undefined
  const room = { bytes, allocatedBytes, holderFreeBytes, longestBytes }
  const fit = { ...NOTHING_IN_IT, ...room, path, chunkSectors, formattedChunkSectors }
  const blank = header.kind === 'blank' && store.usage === undefined
  if (header.kind === 'unfit') {
    throw new RefusedError(`'${name}' is no store that can be used: ${header.why}`, UNTOUCHED)
  }
  if (blank || reset) return { ...fit, blank }
  if (header.kind === 'store' && !header.valid) {
    throw new RefusedError(
      `'${name}' is marked invalid: it ran full, or its disk failed`,
      `Cure it with: holdfast recover ${name}. The store has not been touched.`,
    )
  }
  const usage = soundUsage(name, store)
  judgeHole(name, chunkSectors, usage)
  const { usedSectors, exceptions, leastBaseSectors, stale } = usage
  const holdsChanges = exceptions > 0
  return { ...fit, usedBytes: usedSectors * 512, holdsChanges, leastBaseSectors, stale }
}

/** Why a store is not there, while a recovery of it is not finished. */
export function refuseInterrupted(name: string): RefusedError {
  return new RefusedError(
    `there is no '${name}': a recovery of it was interrupted`,
    `Finish it with: holdfast recover ${name}. Nothing is lost: the old store is ${oldPath(name)}.`,
  )
}

/** Throws a RefusedError for a file that a loop device has already. */
export function judgeAttached(name: string, { loop }: StoreFile): void {
  if (loop === undefined) return
  throw new RefusedError(
    `'${name}' is attached already, to ${loop}`,
    'One store is attached once: two writers would destroy it.',
  )
}

function foreign(name: string, store: StoreFile): RefusedError {
  const looks = store.content === undefined ? '' : `: it begins like ${store.content}`
  return new RefusedError(
    `'${name}' is not a store${looks}`,
    'Give another path, or make a store there with: holdfast create',
  )
}

function soundUsage(name: string, store: StoreFile): CowUsage & { kind: 'sound' } {
  const usage = store.usage
  if (usage?.kind === 'sound') return usage
  const why = usage === undefined ? 'it cannot be read' : usage.why
  throw new RefusedError(`'${name}' is damaged: ${why}`, UNTOUCHED)
}
