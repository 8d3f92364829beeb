import { CommandError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { LEAST_FREE_BYTES, LEAST_GROWTH_BYTES } from '../overlay/growth.ts'
import { type Growth, planGrow } from '../overlay/plan-grow.ts'
import { type Asked, planGrowth } from '../overlay/plan-persistent.ts'
import type { StoreFacts, StoreFile } from '../overlay/store-facts.ts'
import type { BootContext } from './boot-context.ts'

/** The store, grown where it was nearly full and its device has room. Throws a RefusedError where it is not to be used. */
export function growStore(context: BootContext, asked: Asked): StoreFacts {
  const { store } = asked
  const growth = planGrowth(asked)
  if (growth === undefined || store.kind !== 'file') return store
  const isFilled = growth.fromBytes === 0
  const reason = reasonOf(growth, store)
  if (!grow(context, growth, reason)) return store
  const allocatedBytes = isFilled ? growth.bytes : store.allocatedBytes + growth.bytes - store.bytes
  return { ...store, bytes: growth.bytes, allocatedBytes }
}

function reasonOf({ fromBytes, bytes }: Growth, { bytes: before, usage }: StoreFile): string {
  if (fromBytes === 0) return `the store is sparse: it gets all its blocks, ${formatBytes(bytes)}`
  const [from, to] = [formatBytes(before), formatBytes(bytes)]
  const usedBytes = usage?.kind === 'sound' ? usage.usedSectors * 512 : 0
  const freeBytes = before - usedBytes
  const little =
    freeBytes < LEAST_FREE_BYTES ? 'is nearly full' : `has ${formatBytes(freeBytes)} free`
  if (bytes - before >= LEAST_GROWTH_BYTES)
    return `the store ${little}: it grows from ${from} to ${to}`
  return 'the store grows by one chunk: with its length the kernel would give it up when it is full'
}

/** Where it fails the store is as good as before, and is used as it is. */
function grow(context: BootContext, growth: Growth, reason: string): boolean {
  const { runner, log } = context
  try {
    if (!runner.dry) log.info(reason)
    runner.run({ reasons: [reason], steps: planGrow(growth) })
    return true
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const lacksFallocate = growth.allocation === 'fallocate' && /not supported/i.test(error.message)
    if (lacksFallocate && growth.fromBytes > 0) {
      return grow(context, { ...growth, allocation: 'zeros' }, reason)
    }
    log.warn(`${error.message}, ignoring`)
    return false
  }
}
