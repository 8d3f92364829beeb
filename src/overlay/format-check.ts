import { formatBytes } from '../formats/bytes.ts'
import { formatPrintable } from '../printable.ts'
import { toIdentity } from './base-identity.ts'
import { cannotOverflow, matchesBaseHere, type Verdict } from './judge-check.ts'
import type { Attached, CheckFacts } from './probe-check.ts'
import { isSparse, type StoreFile } from './store-facts.ts'
import { formatBase } from './store-record.ts'

const KEY_COLUMNS = 11

const HEADLINES = {
  sound: 'the kernel can be given it',
  degraded: 'the kernel can be given it, but this should be known',
  refused: 'the kernel must not be given it',
} as const

/** The report for people; the first word is the verdict. */
export function formatCheck(check: CheckFacts, verdict: Verdict): string[] {
  const { store, record } = check
  const rows: [key: string, text: string | undefined][] = [
    ['store', check.name],
    ['file', store.kind === 'file' ? formatFile(store) : undefined],
    ['header', store.kind === 'file' ? formatHeader(store) : undefined],
    ['used', store.kind === 'file' ? formatUse(store) : undefined],
    ['overflow', formatOverflow(check)],
    ['base', record.kind === 'record' ? formatBase(record.record.base) : undefined],
    ['here', formatHere(check)],
    ['attached', check.attached.map(formatAttached).join(', ') || undefined],
    ['why', verdict.refusal?.message],
    ...verdict.remarks.map((remark): [string, string] => ['note', remark]),
  ]
  const lines = rows.flatMap(([key, text]) =>
    text === undefined ? [] : [`  ${key.padEnd(KEY_COLUMNS)}${formatPrintable(text)}`],
  )
  const { kind } = verdict
  return [`${kind.toUpperCase().padEnd(KEY_COLUMNS + 2)}${HEADLINES[kind]}`, ...lines]
}

function formatFile(file: StoreFile): string {
  return `${formatBytes(file.bytes)}, ${isSparse(file) ? 'sparse' : 'preallocated'}`
}

function formatHeader({ header, content }: StoreFile): string {
  switch (header.kind) {
    case 'blank':
      return content === undefined ? 'blank: the kernel formats it' : `none, it holds ${content}`
    case 'foreign':
      return content === undefined ? 'none' : `none, it holds ${content}`
    case 'unfit':
      return header.why
    case 'store': {
      const { valid, version, chunkSectors } = header
      const state = valid ? 'valid' : 'marked invalid'
      return `${state}, version ${version}, chunk ${formatBytes(chunkSectors * 512)}`
    }
  }
}

function formatUse({ usage }: StoreFile): string | undefined {
  if (usage?.kind !== 'sound') return undefined
  const [used, total] = [usage.usedSectors, usage.totalSectors]
  const percent = Math.floor((used / total) * 100)
  const free = formatBytes((total - used) * 512)
  const changed = `${usage.exceptions} chunks changed`
  return `${formatBytes(used * 512)} of ${formatBytes(total * 512)} (${percent} %), ${free} free, ${changed}`
}

function formatOverflow(check: CheckFacts): string | undefined {
  const cannot = cannotOverflow(check)
  if (cannot === undefined) return undefined
  return cannot
    ? 'cannot: as long as its base can ever need'
    : 'can: shorter than its base may need'
}

function formatHere(check: CheckFacts): string | undefined {
  const { baseHere } = check
  if (baseHere === undefined) return undefined
  const matches = matchesBaseHere(check)
  const word = { true: 'is that base', false: 'is another base', undefined: 'is the base here' }
  return `${baseHere.node} ${word[`${matches}`]}`
}

function formatAttached({ node, users }: Attached): string {
  return users.length === 0 ? node : `${node}, under ${users.join(' and ')}`
}

/** The same for programs: stable keys, units in the names. */
export function jsonCheck(check: CheckFacts, verdict: Verdict): Record<string, unknown> {
  const { name, store, exceptions, record, attached, baseHere } = check
  const file = store.kind === 'file' ? store : undefined
  const header = file?.header.kind === 'store' ? file.header : undefined
  const usage = file?.usage?.kind === 'sound' ? file.usage : undefined
  return {
    verdict: verdict.kind,
    why: verdict.refusal?.message,
    hint: verdict.refusal?.hint,
    remarks: verdict.remarks,
    store: name,
    file: file && { path: file.path, bytes: file.bytes, sparse: isSparse(file) },
    header: file && {
      kind: file.header.kind,
      valid: header?.valid,
      version: header?.version,
      chunkSectors: header?.chunkSectors,
    },
    content: file?.content,
    exceptions: exceptions?.kind === 'sound' ? exceptions.exceptions : usage?.exceptions,
    usedBytes: usage && usage.usedSectors * 512,
    freeBytes: usage && (usage.totalSectors - usage.usedSectors) * 512,
    neverOverflows: cannotOverflow(check),
    base: record.kind === 'record' ? record.record.base : undefined,
    baseHere: baseHere && { device: baseHere.node, ...toIdentity(baseHere.identity) },
    baseMatches: matchesBaseHere(check),
    attached,
  }
}
