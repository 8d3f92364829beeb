import { RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { asFields, parseFields } from '../formats/json-fields.ts'
import type { Step } from '../plan/step.ts'
import { formatJsonFile, formatPrintable } from '../printable.ts'
import { type BaseIdentity, isSameBase, type SeenBase } from './base-identity.ts'

/** <store>.holdfast: which base a store belongs to. The keys are documented in holdfast(8). */
export interface StoreRecord {
  readonly version: 1
  readonly base: BaseIdentity
  readonly chunkSectors: number
  /** Seconds since 1970, by the clock of the machine. */
  readonly createdSeconds: number
  readonly lastUsedSeconds: number
  /** The argument for which the store was emptied, while it is still on the kernel command line. */
  readonly resetDone?: string
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

/** No field of a record is longer: a fingerprint has 17 characters, the longest label 255. */
const MOST_CHARACTERS = 255

/** The record in a text, all of its fields checked and no other kept; what is not one says why. */
export function parseStoreRecord(text: string): RecordFacts {
  const value = parseFields(text)
  if (value?.['version'] !== 1) return { kind: 'unfit', why: NOT_OURS }
  const base = parseBase(value['base'])
  if (base === undefined) return { kind: 'unfit', why: 'it names no base' }
  const { chunkSectors, createdSeconds, lastUsedSeconds } = value
  const whole = isCount(chunkSectors) && isCount(createdSeconds) && isCount(lastUsedSeconds)
  if (!whole) return { kind: 'unfit', why: 'its numbers are not what they should be' }
  const { resetDone } = value
  const done = isText(resetDone) && resetDone !== undefined ? { resetDone } : {}
  const times = { createdSeconds, lastUsedSeconds }
  return { kind: 'record', record: { version: 1, base, chunkSectors, ...times, ...done } }
}

const NOT_OURS = 'it is no record, or one of another version'

function parseBase(value: unknown): BaseIdentity | undefined {
  const { type, label, uuid, sectors, fingerprint } = asFields(value) ?? {}
  const named = isText(type) && isText(label) && isText(uuid)
  if (!named || !isText(fingerprint) || fingerprint === undefined || !isCount(sectors)) {
    return undefined
  }
  return { type, label, uuid, sectors, fingerprint }
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= MOST_CHARACTERS)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/**
 * Whether the store may be used over this base: what it holds is a part of one base and destroys any other. Throws a
 * RefusedError that names both. One without a record, of stock dracut or older, is taken for this base's.
 */
export function judgeBase(name: string, found: RecordFacts, base: SeenBase): void {
  judgeRecord(name, found)
  if (found.kind !== 'record') return
  if (isSameBase(found.record.base, base)) return
  throw new RefusedError(
    `'${name}' was made for another base (${formatBase(found.record.base)}), this one is ${formatBase(base)}`,
    'Boot that image, or give another path for this one; the store has not been touched.',
  )
}

/** Throws a RefusedError for what lies in a record's place and cannot be used: it is no permission. */
export function judgeRecord(name: string, found: RecordFacts): void {
  if (found.kind !== 'unfit') return
  throw new RefusedError(
    `the record beside '${name}' cannot be used: ${found.why}`,
    'It says which base the store belongs to. Where you know that, remove it; the store has not been touched.',
  )
}

/** A base in words, on one line whatever a record or a superblock says: what it holds, its length, and the fingerprint. */
export function formatBase({ type, label, uuid, sectors, fingerprint }: BaseIdentity): string {
  const name = label === undefined ? '' : ` "${label}"`
  const words = [
    `${type ?? 'unknown'}${name}`,
    uuid,
    formatBytes(sectors * 512),
    `id ${fingerprint}`,
  ]
  return formatPrintable(words.filter((word) => word !== undefined && word !== '').join(', '))
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

/** Whether the record says all that is to be said already, but for when the store was last used. */
export function isSameRecord(found: RecordFacts, record: StoreRecord): boolean {
  if (found.kind !== 'record') return false
  const { lastUsedSeconds } = record
  return formatStoreRecord({ ...found.record, lastUsedSeconds }) === formatStoreRecord(record)
}

function formatStoreRecord(record: StoreRecord): string {
  return formatJsonFile(record)
}
