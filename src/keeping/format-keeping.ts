import { formatPrintable } from '../printable.ts'
import type { Keeping } from './judge-path.ts'

const VERDICTS: Readonly<Record<Keeping['verdict'], string>> = {
  kept: 'kept',
  lost: 'lost',
  unwritable: 'unwritable',
  unclear: 'unclear',
  'no-file': 'no file',
}

/** A line a path, in columns: verdict, path, through what. */
export function formatKeepings(keepings: readonly Keeping[]): string[] {
  return formatColumns(
    keepings.map((keeping) => [
      VERDICTS[keeping.verdict],
      formatPath(keeping),
      [keeping.words, ...keeping.remarks].join('; '),
    ]),
  )
}

/** Rows whose cells begin below each other, printable, two spaces apart. */
export function formatColumns(rows: readonly (readonly string[])[]): string[] {
  const printable = rows.map((row) => row.map(formatPrintable))
  const widths = (printable[0] ?? []).map((_cell, at) =>
    printable.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 0),
  )
  return printable.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function formatPath({ place }: Keeping): string {
  return place.asked === place.path ? place.path : `${place.asked} -> ${place.path}`
}

/** Stable keys, documented in holdfast(8). */
export function jsonKeepings(keepings: readonly Keeping[]): Record<string, unknown> {
  const paths = keepings.map(({ verdict, place, mount, mountPoint, ...more }) => ({
    path: place.asked,
    realPath: place.path,
    decidedBy: place.nearest,
    verdict,
    mechanism: more.mechanism,
    device: more.device,
    type: mount?.fsType,
    mountPoint,
    words: more.words,
    remarks: more.remarks,
  }))
  return { paths }
}
