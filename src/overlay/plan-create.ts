import { RefusedError, UsageError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { formatCowHeader } from '../formats/cow-store.ts'
import { neverOverflowBytes, orderlyBytes } from '../formats/never-overflow.ts'
import type { Allocation } from '../plan/file-steps.ts'
import type { Step } from '../plan/step.ts'
import { refuseLongest } from './choose-size.ts'
import { HOLDER_MARGIN_BYTES } from './growth.ts'
import { DEFAULT_CHUNK_SECTORS, FEWEST_CHUNKS } from './judge-store.ts'

const UNITS: Readonly<Record<string, number>> = { K: 1 << 10, M: 1 << 20, G: 1 << 30, T: 2 ** 40 }

/** Bytes of a size with its unit: 300M, 2G, 1.5GiB; undefined for none. Throws a UsageError for anything else. */
export function parseSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const found = /^(\d+(?:\.\d+)?)([KMGT])(?:iB|B)?$/i.exec(text)
  const bytes = Number(found?.[1]) * (UNITS[(found?.[2] ?? '').toUpperCase()] ?? 0)
  if (bytes > 0) return Math.floor(bytes)
  throw new UsageError(`--size '${text}' is not a size: give a number and a unit, as in 300M or 2G`)
}

/**
 * How large the store is to be, a multiple of its chunk: as asked; else as the base can ever need, where that fits;
 * else what fits, `longestBytes` being what a file can have there. Throws a RefusedError when what was asked does not fit,
 * or nothing is known of the base.
 */
export function chooseStoreBytes(
  askedBytes: number | undefined,
  baseSectors: number | undefined,
  freeBytes: number,
  longestBytes = Number.POSITIVE_INFINITY,
): number {
  const most = Math.min(freeBytes - HOLDER_MARGIN_BYTES, longestBytes)
  if (askedBytes !== undefined) {
    if (askedBytes > longestBytes) throw refuseLongest(askedBytes)
    if (askedBytes <= most) return enough(orderlyBytes(askedBytes, DEFAULT_CHUNK_SECTORS))
    throw new RefusedError(
      `${formatBytes(askedBytes)} do not fit: ${formatBytes(freeBytes)} are free`,
      'Ask for less with --size, or make room on the device.',
    )
  }
  if (baseSectors === undefined) {
    throw new RefusedError(
      'no base is there from which the size could be told',
      'Say how large the store is to be: --size 2G.',
    )
  }
  const wanted = Math.min(neverOverflowBytes(baseSectors, DEFAULT_CHUNK_SECTORS), most)
  return enough(orderlyBytes(wanted, DEFAULT_CHUNK_SECTORS))
}

function enough(bytes: number): number {
  const leastBytes = FEWEST_CHUNKS * DEFAULT_CHUNK_SECTORS * 512
  if (bytes >= leastBytes) return bytes
  throw new RefusedError(
    `a store has at least ${formatBytes(leastBytes)}, and ${formatBytes(Math.max(0, bytes))} are to be had`,
    'Ask for more with --size, or make room on the device.',
  )
}

/** One step of writing zeros: small enough to show progress, large enough to cost nothing. */
const FILL_BYTES = 64 << 20

/**
 * Makes a store at `path`: under another name first, with header and blocks on the disk, then renamed, so that a
 * power cut leaves a whole store or none. What lies under the other name is removed, not followed or written to.
 */
export function planCreate(path: string, bytes: number, allocation: Allocation): Step[] {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  const partial = `${path}.partial`
  const allocate: Step[] =
    allocation === 'fallocate'
      ? [{ kind: 'allocate-file', path: partial, bytes }]
      : planZeros(partial, bytes)
  return [
    { kind: 'make-directory', path: folder },
    { kind: 'remove-file', path: partial },
    ...allocate,
    { kind: 'write-start', path: partial, bytes: [...formatCowHeader(DEFAULT_CHUNK_SECTORS)] },
    { kind: 'sync', path: partial },
    { kind: 'rename-file', from: partial, to: path },
    { kind: 'sync', path: folder },
  ]
}

function planZeros(path: string, bytes: number): Step[] {
  const steps: Step[] = []
  for (let offsetBytes = 0; offsetBytes < bytes; offsetBytes += FILL_BYTES) {
    const length = Math.min(FILL_BYTES, bytes - offsetBytes)
    steps.push({ kind: 'fill-zeros', path, offsetBytes, bytes: length })
  }
  return steps
}
