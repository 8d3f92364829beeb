import type { ResetRequest } from '../cmdline/overlay.ts'
import { RefusedError } from '../errors.ts'
import type { Step } from '../plan/step.ts'
import { type SeenBase, toIdentity } from './base-identity.ts'
import type { FitStore } from './judge-store.ts'
import { resetMark } from './plan-format.ts'
import type { RootFacts } from './root-facts.ts'
import {
  isSameRecord,
  judgeBase,
  planStoreRecord,
  type RecordFacts,
  type StoreRecord,
} from './store-record.ts'

/** What ties a store to the base under it. */
export interface Binding {
  readonly base: SeenBase
  readonly found: RecordFacts
  readonly nowSeconds: number
}

/** What binds a store to its base, and what there is to say of it. */
export interface Bound {
  readonly steps: readonly Step[]
  readonly remarks: readonly string[]
  /** What was taken on trust. */
  readonly warnings: readonly string[]
}

/** Less than that may be too little for a new record beside the old one; a full device is no reason not to use the store. */
const RECORD_ROOM_BYTES = 65536

/**
 * The steps that bind the store to this base, before it is attached. Throws a RefusedError when it belongs to another
 * base, or when this one was mounted for writing and so is not the same at the next boot. An empty
 * store belongs to nobody.
 */
export function planBinding(
  name: string,
  root: RootFacts,
  store: FitStore,
  binding: Binding,
  reset?: ResetRequest,
): Bound {
  if (root.mount.superOptions.includes('rw')) {
    throw new RefusedError(
      'the root was mounted for writing before its store could be set up, so it changes at every boot',
      'Boot with ro in place of rw: the root becomes writable over its store.',
    )
  }
  const { base, found, nowSeconds } = binding
  if (store.holdsChanges) judgeBase(name, found, base)
  judgeSpan(name, store, base)
  const createdSeconds = found.kind === 'record' ? found.record.createdSeconds : nowSeconds
  const { chunkSectors } = store
  const record: StoreRecord = {
    version: 1,
    base: toIdentity(base),
    chunkSectors,
    createdSeconds,
    lastUsedSeconds: nowSeconds,
    ...resetMark(reset),
  }
  const isKept = store.holderFreeBytes < RECORD_ROOM_BYTES && isSameRecord(found, record)
  const steps = [
    ...planStale(store),
    ...(isKept ? [] : [planStoreRecord(store.path, record, found)]),
  ]
  const warnings = warningsOn(root, store, binding)
  const remarks = [
    ...(isKept ? ['the device has no room left, not even to note that the store is in use'] : []),
    ...(store.stale === undefined ? [] : ['a write that a power cut tore is cleared in the store']),
  ]
  return { steps, remarks, warnings }
}

/** What is taken on trust. */
function warningsOn({ mount }: RootFacts, store: FitStore, { base, found }: Binding): string[] {
  const isOlder = found.kind === 'record' && found.record.base.fingerprint !== base.fingerprint
  const unshown = base.showsChanges ? [] : [`the root is ${mount.fsType}: ${UNSHOWN}`]
  if (!store.holdsChanges) return unshown
  if (found.kind === 'none') return [...unshown, ADOPTED]
  return isOlder && !base.formerShowsChanges ? [...unshown, OLDER] : unshown
}

const UNSHOWN =
  'whether it was written to while the store was not in use cannot be told, and with such a store it is a mixture; mount it for writing nowhere else'
const OLDER =
  'the record beside the store is of an earlier holdfast, which could not tell whether this base was written to: from now on it can be told'
const ADOPTED =
  'the store has no record of its base: from now on it belongs to this one; if it was made over another, what it shows is a mixture of the two'

/** Of a store without a record nobody knows whose it is, but what it holds a change of must be there. */
function judgeSpan(name: string, { leastBaseSectors }: FitStore, base: SeenBase): void {
  if (leastBaseSectors <= base.sectors) return
  throw new RefusedError(
    `'${name}' holds a change of sector ${leastBaseSectors - 1}, and the base has ${base.sectors}: it is damaged, or another base's`,
    'See what it is with: holdfast check. The store has not been touched.',
  )
}

/** A torn write's entries are not in the list: nothing is lost with them, and the list does not grow up to them. */
function planStale({ path, stale }: FitStore): Step[] {
  if (stale === undefined) return []
  const { offsetBytes, bytes } = stale
  return [{ kind: 'clear-entries', path, offsetBytes, bytes }]
}
