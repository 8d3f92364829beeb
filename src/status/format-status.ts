import { formatBytes } from '../formats/bytes.ts'
import type { StoreWatch } from '../overlay/plan-warning.ts'
import { formatPrintable } from '../printable.ts'
import { statelessHeadline, statelessRows } from '../stateless/format-stateless-status.ts'
import type { SnapshotFacts, Status } from './probe-status.ts'

const KEY_COLUMNS = 11
const BAR_CELLS = 30

/** The status as lines for people; the first says whether changes are kept. */
export function formatStatus(status: Status): string[] {
  const { record, snapshot, watch } = status
  const rows: [key: string, text: string | undefined][] = [
    ['root', formatRoot(status)],
    ['base', snapshot?.origin && formatBase(snapshot)],
    ['store', snapshot && formatStore(snapshot)],
    ['holder', snapshot?.holder && formatHolder(snapshot)],
    ['monitor', watch && formatWatch(watch)],
    ['why', record?.why],
    [
      'asked',
      record?.asked ?? (record && 'nothing: no rd.live.overlay= on the kernel command line'),
    ],
    ['try', record?.hint],
    ...(record?.stateless ? statelessRows(record.stateless, status.detached) : []),
  ]
  const lines = rows.flatMap(([key, text]) =>
    text === undefined ? [] : [`  ${key.padEnd(KEY_COLUMNS)}${formatPrintable(text)}`],
  )
  return [formatHeadline(status), ...lines]
}

function formatHeadline({ record, snapshot }: Status): string {
  const state = snapshot?.state.kind
  if (state === 'invalid' || state === 'overflow') {
    return line('FULL', 'the store is full: writes fail, what was kept can be read')
  }
  switch (record?.mode) {
    case 'persistent':
      return line('PERSISTENT', `root keeps its changes in ${record.store}`)
    case 'temporary':
      return line('TEMPORARY', 'everything written since boot is lost at shutdown')
    case 'readonly':
      return line('READ-ONLY', 'nothing can be written to the root')
    default:
      if (record?.stateless) return line('STATELESS', statelessHeadline(record.stateless))
      return line('UNTOUCHED', 'holdfast has done nothing to this root')
  }
}

function line(word: string, text: string): string {
  return `${word.padEnd(KEY_COLUMNS + 2)}${formatPrintable(text)}`
}

function formatRoot({ rootMount }: Status): string | undefined {
  if (rootMount === undefined) return undefined
  const mode = [...rootMount.options, ...rootMount.superOptions].includes('ro') ? 'ro' : 'rw'
  return `${rootMount.source} on ${rootMount.mountPoint}, ${rootMount.fsType}, ${mode}`
}

function formatBase({ origin }: SnapshotFacts): string {
  if (origin === undefined) return ''
  const from = origin.dm === undefined ? origin.node : origin.dm.name
  return `${from}, ${formatBytes(origin.sectors * 512)}`
}

function formatStore({ state, chunkSectors }: SnapshotFacts): string {
  if (state.kind !== 'active') return state.kind
  const [used, total] = [state.usedSectors, state.totalSectors]
  const percent = Math.round((used / total) * 100)
  const cells = Math.round((used / total) * BAR_CELLS)
  const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells)
  const chunk = chunkSectors === undefined ? '' : `, chunk ${formatBytes(chunkSectors * 512)}`
  return `${formatBytes(used * 512)} of ${formatBytes(total * 512)} used (${percent} %)${chunk}   ${bar}`
}

function formatWatch({ level, growths }: StoreWatch): string {
  const times = growths === 1 ? 'once' : `${growths} times`
  return `${level}${growths === 0 ? '' : `, made the store larger ${times}`}`
}

function formatHolder({ holder, holderFreeBytes, cow }: SnapshotFacts): string {
  if (holder === undefined) return ''
  const free = holderFreeBytes === undefined ? '' : `, ${formatBytes(holderFreeBytes)} free`
  return `${holder.source}, ${holder.fsType}${free}; the store is ${cow?.loop?.backingFile}`
}
