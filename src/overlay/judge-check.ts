import { RefusedError } from '../errors.ts'
import type { StaleEntries } from '../formats/cow-areas.ts'
import { neverOverflowBytes } from '../formats/never-overflow.ts'
import { isSameBase } from './base-identity.ts'
import { sayLeftOut } from './judge-hole.ts'
import { judgeStore } from './judge-store.ts'
import type { CheckFacts } from './probe-check.ts'
import { isSparse } from './store-facts.ts'
import { formatBase, judgeRecord } from './store-record.ts'

/** What a check comes to. */
export interface Verdict {
  /** sound: it could be attached. degraded: the same, but something should be known. refused: it must not be. */
  readonly kind: 'sound' | 'degraded' | 'refused'
  /** What should be known, a sentence each. */
  readonly remarks: readonly string[]
  readonly refusal: RefusedError | undefined
}

/** Whether the kernel could be given the store, judged as boot does, and by what only reading all of it shows. */
export function judgeCheck(check: CheckFacts): Verdict {
  try {
    judge(check)
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    return { kind: 'refused', remarks: remarksOn(check), refusal: error }
  }
  const remarks = remarksOn(check)
  return { kind: remarks.length === 0 ? 'sound' : 'degraded', remarks, refusal: undefined }
}

const UNTOUCHED = 'The store has not been touched: take a copy before anything else.'

function judge({ name, store, exceptions, record, attached }: CheckFacts): void {
  // That it is attached is no fault of the store.
  const fit = judgeStore(name, store.kind === 'file' ? { ...store, loop: undefined } : store, false)
  if (exceptions !== undefined && exceptions.kind !== 'sound') {
    throw new RefusedError(`'${name}' is damaged: ${exceptions.why}`, UNTOUCHED)
  }
  const usage = store.kind === 'file' ? store.usage : undefined
  // The last areas look sound, but the kernel stops before them.
  if (usage?.kind === 'sound' && exceptions && exceptions.exceptions < usage.exceptions) {
    const { exceptions: end } = exceptions
    throw new RefusedError(
      `'${name}' is damaged: ${sayLeftOut(end, usage.exceptions - 1)}`,
      UNTOUCHED,
    )
  }
  if (fit.holdsChanges) judgeRecord(name, record)
  if (attached.length > 1) {
    const nodes = attached.map(({ node }) => node).join(' and ')
    throw new RefusedError(
      `'${name}' is attached twice, to ${nodes}: two writers destroy it`,
      'Shut down what uses it, and check it again before it is used.',
    )
  }
}

/** From here on a store is called nearly full. */
export const NEARLY_FULL_SHARE = 0.9

function remarksOn(check: CheckFacts): string[] {
  const { store, exceptions, record, behindJournal } = check
  if (store.kind !== 'file') return []
  const usage = store.usage?.kind === 'sound' ? store.usage : undefined
  const share = usage === undefined ? 0 : usage.usedSectors / usage.totalSectors
  const sound = exceptions?.kind === 'sound' ? exceptions : undefined
  const stale: StaleEntries | undefined = (sound ?? usage)?.stale
  const remarks: [isSo: boolean, text: string][] = [
    [share >= 1, 'it is full: everything in it can be read, and nothing new be written'],
    [
      share >= NEARLY_FULL_SHARE && share < 1 && !cannotOverflow(check),
      `it is nearly full (${Math.floor(share * 100)} %)`,
    ],
    [isSparse(store), 'it is sparse: when its file system runs full, the store is lost'],
    [
      record.kind === 'none' && (usage?.exceptions ?? 0) > 0,
      'it has no record of its base: it will belong to the base over which it is used next',
    ],
    [record.kind === 'unfit', `the record beside it cannot be used: ${unfitWhy(check)}`],
    [matchesBaseHere(check) === false, `the base that is here is another one: ${baseHere(check)}`],
    [
      matchesBaseHere(check) === true && check.baseHere?.identity.showsChanges === false,
      `whether its base was written to while it was not in use cannot be told: ${check.baseHere?.identity.type ?? 'its type is not known'}`,
    ],
    [
      stale?.mayBeTorn === true,
      'a power cut tore a write of its entries: boot clears what is left of it, and nothing is lost',
    ],
    [
      stale?.mayBeTorn === false,
      'no power cut leaves an entry behind an empty one in its sector: entries that had been written were destroyed',
    ],
    [
      sound?.inOrder === false,
      'its entries are not in the order of their chunks: a kernel before 3.14 wrote them',
    ],
    [
      behindJournal,
      'its file system has a journal to replay, which was left as it is: the store may be newer than this',
    ],
  ]
  return remarks.flatMap(([isSo, text]) => (isSo ? [text] : []))
}

function unfitWhy({ record }: CheckFacts): string {
  return record.kind === 'unfit' ? record.why : ''
}

function baseHere({ baseHere }: CheckFacts): string {
  return baseHere === undefined ? '' : `${baseHere.node}, ${formatBase(baseHere.identity)}`
}

/** Whether the base that is here is the one of the record; undefined where one of the two is not known. */
export function matchesBaseHere({ record, baseHere }: CheckFacts): boolean | undefined {
  if (record.kind !== 'record' || baseHere === undefined) return undefined
  return isSameBase(record.record.base, baseHere.identity)
}

/** Whether it is as long as its base can ever need; undefined where its base or its chunk size is not known. */
export function cannotOverflow({ store, record }: CheckFacts): boolean | undefined {
  if (store.kind !== 'file' || store.header.kind !== 'store') return undefined
  if (record.kind !== 'record') return undefined
  const { sectors } = record.record.base
  return store.bytes >= neverOverflowBytes(sectors, store.header.chunkSectors)
}
