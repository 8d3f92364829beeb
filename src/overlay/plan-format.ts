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
    steps: [writeHeader(store.path)],
    remarks: [...emptied, 'the store is blank and is formatted'],
  }
}

const SECTOR_BYTES = 512

/**
 * First the first sector of the entries that there are: a disk writes a sector whole or not at all, and from then on the
 * list is empty, whatever follows it. Then room for the entries of the new header, and the header itself.
 */
function planReset({ path, bytes, formattedChunkSectors }: FitStore): Step[] {
  const oldBytes = (formattedChunkSectors ?? DEFAULT_CHUNK_SECTORS) * SECTOR_BYTES
  const areaBytes = DEFAULT_CHUNK_SECTORS * SECTOR_BYTES
  const isThere = bytes === undefined || oldBytes + SECTOR_BYTES <= bytes
  const first: Step = { kind: 'clear-entries', path, offsetBytes: oldBytes, bytes: SECTOR_BYTES }
  return [
    ...(isThere ? [first] : []),
    { kind: 'clear-entries', path, offsetBytes: areaBytes, bytes: areaBytes },
    writeHeader(path),
  ]
}

function writeHeader(path: string): Step {
  return { kind: 'write-start', path, bytes: [...formatCowHeader(DEFAULT_CHUNK_SECTORS)] }
}
