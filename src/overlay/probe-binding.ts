import { attempt } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'
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

/** No link is followed, nothing but a short regular file is read: it may have been put there by anybody. */
function probeRecord(system: System, path: string): RecordFacts {
  const stat = attempt(() => system.lstat(path), undefined)
  if (stat === undefined) return { kind: 'none' }
  if (stat.kind !== 'file') return { kind: 'unfit', why: `it is a ${stat.kind}` }
  if (stat.bytes > MOST_RECORD_BYTES) return { kind: 'unfit', why: 'it is too long for one' }
  const text = attempt(() => system.readText(path), undefined)
  return text === undefined ? { kind: 'unfit', why: 'it cannot be read' } : parseStoreRecord(text)
}
