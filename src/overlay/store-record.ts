import { RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import type { Step } from '../plan/step.ts'
import { type BaseIdentity, isSameBase } from './base-identity.ts'

/** <store>.holdfast: which base a store belongs to. The keys are documented in holdfast(8). */
export interface StoreRecord {
  readonly version: 1
  readonly base: BaseIdentity
  readonly chunkSectors: number
  /** Seconds since 1970, by the clock of the machine. */
  readonly createdSeconds: number
  readonly lastUsedSeconds: number
}

/** What lies beside a store. */
export type RecordFacts =
  | { readonly kind: 'none' }
  /** Something is there that is no record. */
  | { readonly kind: 'unfit'; readonly why: string }
  | { readonly kind: 'record'; readonly record: StoreRecord }

/** A record is a few hundred bytes; what is longer was put there by somebody else. */
export const MOST_RECORD_BYTES = 65536

/** Where the record of a store lies. */
export function recordPath(storePath: string): string {
  return `${storePath}.holdfast`
}

/** The record in a text; what is not one says why. */
export function parseStoreRecord(text: string): RecordFacts {
  let value: Partial<StoreRecord> | null
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'unfit', why: 'it is not JSON' }
  }
  const base: Partial<BaseIdentity> | undefined = value?.base
  if (value?.version !== 1) return { kind: 'unfit', why: 'it is of another version' }
  if (typeof base?.fingerprint !== 'string' || typeof base.sectors !== 'number') {
    return { kind: 'unfit', why: 'it names no base' }
  }
  return { kind: 'record', record: value as StoreRecord }
}

/**
 * Whether the store may be used over this base: what it holds is a part of one base and destroys any other. Throws a
 * RefusedError that names both. One without a record, of stock dracut or older, is taken for this base's.
 */
export function judgeBase(name: string, found: RecordFacts, base: BaseIdentity): void {
  if (found.kind === 'none') return
  if (found.kind === 'unfit') {
    throw new RefusedError(
      `the record beside '${name}' cannot be used: ${found.why}`,
      'It says which base the store belongs to. Where you know that, remove it; the store has not been touched.',
    )
  }
  if (isSameBase(found.record.base, base)) return
  throw new RefusedError(
    `'${name}' was made for another base (${formatBase(found.record.base)}), this one is ${formatBase(base)}`,
    'Boot that image, or give another path for this one; the store has not been touched.',
  )
}

function formatBase({ type, label, uuid, sectors, fingerprint }: BaseIdentity): string {
  const name = label === undefined ? '' : ` "${label}"`
  const words = [
    `${type ?? 'unknown'}${name}`,
    uuid,
    formatBytes(sectors * 512),
    `id ${fingerprint}`,
  ]
  return words.filter((word) => word !== undefined && word !== '').join(', ')
}

/** Writes the record, or what replaces the one that was found. */
export function planStoreRecord(storePath: string, record: StoreRecord, found: RecordFacts): Step {
  const before = found.kind === 'record' ? formatStoreRecord(found.record) : undefined
  return {
    kind: 'replace-file',
    path: recordPath(storePath),
    text: formatStoreRecord(record),
    before,
  }
}

function formatStoreRecord(record: StoreRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`
}
