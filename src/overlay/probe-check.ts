import { type CowExceptions, checkExceptions } from '../formats/cow-exceptions.ts'
import { cowGeometry } from '../formats/cow-geometry.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import { placedReader } from '../machine/placed-reader.ts'
import type { System } from '../machine/system.ts'
import { openProgress } from '../progress.ts'
import { probeAttached } from './probe-attached.ts'
import { type BaseHere, probeBaseHere } from './probe-base-here.ts'
import { probeRecord } from './probe-binding.ts'
import { probeStore, readable } from './probe-store.ts'
import type { StoreFacts, StoreFile, Unreadable } from './store-facts.ts'
import { type RecordFacts, recordPath } from './store-record.ts'

/** All that can be told of a store without device-mapper. */
export interface CheckFacts {
  /** As it was typed: DEVICE:PATH, or the path of a file. */
  readonly name: string
  readonly store: StoreFacts
  /** What all of its entries have shown; undefined where the header or the last of them say enough. */
  readonly exceptions: CowExceptions | Unreadable | undefined
  readonly record: RecordFacts
  readonly baseHere: BaseHere | undefined
  /** The loop devices that have it, and what stands on each. */
  readonly attached: readonly Attached[]
  /** Whether its file system has a journal to replay, so that all this may be older than what is on the disk. */
  readonly behindJournal: boolean
}

export interface Attached {
  readonly node: string
  /** Device-mapper names, or the kernel's where there is none. */
  readonly users: readonly string[]
}

/** Reads the store at `path` (absolute) below `folder` with all of its entries; changes nothing. */
export function probeCheck(
  system: System,
  facts: Facts,
  name: string,
  folder: string,
  path: string,
  behindJournal: boolean,
): CheckFacts {
  const store = probeStore(system, facts, folder, path)
  const baseHere = probeBaseHere(system, facts)
  const seen = { name, store, baseHere, behindJournal }
  if (store.kind !== 'file') {
    return { ...seen, record: { kind: 'none' }, exceptions: undefined, attached: [] }
  }
  const record = probeRecord(system, recordPath(store.path))
  const loops = probeAttached(system, facts, store.path, system.lstat(store.path))
  return {
    ...seen,
    record,
    exceptions: probeExceptions(system, store, record),
    attached: loops.map((device) => ({ node: device.node, users: usersOf(facts, device) })),
  }
}

function probeExceptions(
  system: System,
  { path, bytes, header, usage }: StoreFile,
  record: RecordFacts,
): CheckFacts['exceptions'] {
  if (header.kind !== 'store' || usage?.kind !== 'sound') return undefined
  const store = cowGeometry(placedReader(system, path), header.chunkSectors, bytes)
  const sectors = record.kind === 'record' ? record.record.base.sectors : undefined
  const metadataBytes = usage.metadataSectors * 512 - store.chunkBytes
  const progress = openProgress(system, 'reading the entries', metadataBytes)
  try {
    return readable(() => checkExceptions(store, sectors, progress.add))
  } finally {
    progress.end()
  }
}

function usersOf({ devices }: Facts, { holders }: BlockDevice): string[] {
  return holders.map((name) => devices.find((device) => device.name === name)?.dm?.name ?? name)
}
