import { RefusedError } from '../errors.ts'
import { attempt } from '../machine/attempt.ts'
import type { BlockDevice } from '../machine/facts.ts'
import { placedReader, UnreadableError } from '../machine/placed-reader.ts'
import type { FileStat, System } from '../machine/system.ts'
import { readBaseIdentity, type SeenBase } from './base-identity.ts'
import type { Binding } from './plan-binding.ts'
import type { RootFacts } from './root-facts.ts'
import type { StoreFacts } from './store-facts.ts'
import {
  MOST_RECORD_BYTES,
  parseStoreRecord,
  type RecordFacts,
  recordPath,
} from './store-record.ts'

/**
 * The root's base and the record beside the store, as they are; undefined where there is no such pair. Throws a
 * RefusedError when the base cannot be read.
 */
export function probeBinding(
  system: System,
  root: RootFacts,
  store: StoreFacts,
): Binding | undefined {
  const { device } = root
  if (device === undefined || store.kind !== 'file') return undefined
  return {
    base: probeBase(system, device),
    found: probeRecord(system, recordPath(store.path)),
    nowSeconds: system.epochSeconds(),
  }
}

function probeBase(system: System, { node, sectors }: BlockDevice): SeenBase {
  try {
    return readBaseIdentity(placedReader(system, node), sectors)
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error
    throw new RefusedError(
      `the base ${node} is damaged: ${error.why}`,
      'Its disk fails: take a copy of what can still be read. The store has not been touched.',
    )
  }
}

/**
 * The record at a path. No link is followed, nothing but a short regular file that has no other name is read: it may
 * have been put there by anybody.
 */
export function probeRecord(system: System, path: string): RecordFacts {
  const stat = attempt(() => system.lstat(path), undefined)
  if (stat === undefined) return { kind: 'none' }
  const why = misfit(stat) ?? (liesElsewhere(system, path, stat) ? ELSEWHERE : undefined)
  if (why !== undefined) return { kind: 'unfit', why }
  const text = attempt(() => system.readText(path), undefined)
  return text === undefined ? { kind: 'unfit', why: 'it cannot be read' } : parseStoreRecord(text)
}

const ELSEWHERE = 'it lies on another file system'

function misfit({ kind, bytes, links }: FileStat): string | undefined {
  if (kind !== 'file') return `it is a ${kind}`
  if (links > 1) return `it has ${links} names (hard links)`
  return bytes > MOST_RECORD_BYTES ? 'it is too long for one' : undefined
}

/** A file bind-mounted there; a folder has the device of the files in it. */
function liesElsewhere(system: System, path: string, { device }: FileStat): boolean {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  return attempt(() => system.lstat(folder).device !== device, true)
}
