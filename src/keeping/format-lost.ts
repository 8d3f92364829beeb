import { formatBytes } from '../formats/bytes.ts'
import { formatColumns } from './format-keeping.ts'
import type { Lost } from './probe-lost.ts'

/** What a walk found, and what the root's store in RAM has taken. */
export interface LostReport extends Lost {
  /** undefined where the root is on no store in RAM, or the kernel does not say. */
  readonly storeUsedBytes: number | undefined
  /** Whether files on the root are among them, which are told by their times alone. */
  readonly guessed: boolean
}

/** A line a file, largest first: size, path, why; then the total, and what is not in it. */
export function formatLost(report: LostReport): string[] {
  const files = report.files.map(({ path, bytes, removed, words }) => [
    removed ? 'removed' : formatBytes(bytes),
    path,
    words,
  ])
  return [...formatStore(report), ...formatColumns(files), ...formatTotal(report)]
}

function formatStore({ storeUsedBytes, guessed }: LostReport): string[] {
  const used = storeUsedBytes === undefined ? '' : `${formatBytes(storeUsedBytes)} used of `
  const store = "the root's store in RAM: all of it would be lost."
  const guess = 'It knows chunks, not files: those on the root below are a guess, by their times.'
  return guessed ? [`${used}${store}`, guess] : []
}

function formatTotal({
  files,
  count,
  totalBytes,
  entries,
  unseen,
  stopped,
  guessed,
}: LostReport): string[] {
  const smaller = count - files.length
  const total = `total: ${formatBytes(totalBytes)} in ${count} ${count === 1 ? 'file' : 'files'}`
  const nothing = guessed ? 'no file was found that changed since boot' : 'nothing would be lost'
  return [
    count === 0 ? nothing : `${total}${smaller > 0 ? `, ${smaller} of them not shown` : ''}`,
    ...(stopped ? [`stopped after ${entries} files and folders: there may be more`] : []),
    ...(unseen > 0 ? [`${unseen} could not be looked at; root can look at all of them`] : []),
  ]
}

/** Stable keys, documented in holdfast(8). */
export function jsonLost({ files, ...report }: LostReport): Record<string, unknown> {
  return {
    storeUsedBytes: report.storeUsedBytes,
    guessed: report.guessed,
    files: files.map(({ path, bytes, removed, words }) => ({ path, bytes, removed, words })),
    totalFiles: report.count,
    totalBytes: report.totalBytes,
    entries: report.entries,
    unseen: report.unseen,
    stopped: report.stopped,
  }
}
