import { attempt } from '../machine/attempt.ts'
import type { FileStat, System } from '../machine/system.ts'
import { readBaseIdentity } from './base-identity.ts'
import type { Binding } from './plan-binding.ts'
import type { RootFacts } from './root-facts.ts'
import type { StoreFacts } from './store-facts.ts'
import {
  MOST_RECORD_BYTES,
  parseStoreRecord,
  type RecordFacts,
  recordPath,
} from './store-record.ts'

/** The root's base and the record beside the store, as they are; undefined where there is no such pair. */
export function probeBinding(
  system: System,
  root: RootFacts,
  store: StoreFacts,
): Binding | undefined {
  const { device } = root
  if (device === undefined || store.kind !== 'file') return undefined
  const read = (offset: number, length: number) => system.readBytes(device.node, offset, length)
  return {
    base: readBaseIdentity(read, device.sectors),
    found: probeRecord(system, recordPath(store.path)),
    nowSeconds: system.epochSeconds(),
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
