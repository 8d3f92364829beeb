import { isSameReset, type ResetRequest } from '../cmdline/overlay.ts'
import { formatCowHeader } from '../formats/cow-store.ts'
import type { Step } from '../plan/step.ts'
import { DEFAULT_CHUNK_SECTORS, type FitStore } from './judge-store.ts'
import type { RecordFacts } from './store-record.ts'

/** What is done to a store before it is attached. */
export interface Format {
  readonly steps: readonly Step[]
  readonly remarks: readonly string[]
}

/** Whether the store is to be emptied now: an argument that stays on the command line has had its way once. */
export function isResetDue(
  reset: ResetRequest | undefined,
  found: RecordFacts | undefined,
): boolean {
  if (reset === undefined) return false
  const done = found?.kind === 'record' ? found.record.resetDone : undefined
  return reset.always || done === undefined || !isSameReset(done, reset.asked)
}

/** What the record is to say of it afterwards: an argument that is gone may come back and count again. */
export function resetMark(reset: ResetRequest | undefined): { readonly resetDone?: string } {
  return reset === undefined || reset.always ? {} : { resetDone: reset.asked }
}

/**
 * A store that is blank gets its header, and one that is to be reset loses what it holds. The kernel would format a
 * blank one too, but writes the header before it clears the entries: what a power cut between leaves would count.
 */
export function planFormat(
  store: FitStore,
  reset: ResetRequest | undefined,
  found: RecordFacts | undefined,
): Format {
  if (isResetDue(reset, found) && !store.blank) {
    return { steps: planReset(store), remarks: [`the store is emptied: ${reset?.asked}`] }
  }
  const emptied =
    reset === undefined || isResetDue(reset, found)
      ? []
      : [
          `the store was emptied at an earlier boot for ${reset.asked}: take it off, or ask for it at every boot with =always`,
        ]
  if (!store.blank) return { steps: [], remarks: emptied }
  return {
    steps: [writeHeader(store.path, DEFAULT_CHUNK_SECTORS)],
    remarks: [...emptied, 'the store is blank and is formatted'],
  }
}

const SECTOR_BYTES = 512

/**
 * A disk writes a sector whole or not at all, and so the store has to become empty by one sector. To clear the first of its
 * entries would not do: what follows is damage to a reader, or comes back when the list has grown up to it. But the header
 * is one sector, and says where the entries lie: with smaller chunks, inside what was the header's own chunk, where
 * nothing else is. That is cleared first, which changes nothing yet. Then the header; and from there, in the same way, the
 * usual chunks.
 */
function planReset({ path, formattedChunkSectors }: FitStore): Step[] {
  return [
    ...planEmptied(path, chunkInsideHeader(formattedChunkSectors ?? DEFAULT_CHUNK_SECTORS)),
    ...planEmptied(path, DEFAULT_CHUNK_SECTORS),
  ]
}

/** 4 KiB where there is room for that, for a power cut may leave the store so. Where chunks are one sector the first entries are one, too. */
function chunkInsideHeader(chunkSectors: number): number {
  return chunkSectors >= 16 ? 8 : 1
}

function planEmptied(path: string, chunkSectors: number): Step[] {
  const bytes = chunkSectors * SECTOR_BYTES
  return [
    { kind: 'clear-entries', path, offsetBytes: bytes, bytes },
    writeHeader(path, chunkSectors),
  ]
}

function writeHeader(path: string, chunkSectors: number): Step {
  return { kind: 'write-start', path, bytes: [...formatCowHeader(chunkSectors)] }
}
