import { formatDeviceSpec } from '../cmdline/device-spec.ts'
import { parseStoreSpec, type StoreSpec } from '../cmdline/store-spec.ts'
import { RefusedError, UsageError } from '../errors.ts'
import { openLog } from '../log.ts'
import { attempt } from '../machine/attempt.ts'
import type { Facts } from '../machine/facts.ts'
import { locate, probeWithDevice } from '../machine/locate.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { planLook } from '../overlay/plan-look.ts'
import { isInterrupted } from '../overlay/probe-store.ts'
import { executor } from '../plan/runner.ts'
import type { NamedStore } from './reach-store.ts'

/** Where a store is to be looked at: at `path` (absolute) below `folder`. */
export interface Place {
  readonly facts: Facts
  readonly folder: string
  readonly path: string
  /** Whether its file system has a journal to replay, so that it may be newer than what is seen. */
  readonly behindJournal: boolean
}

/** What was seen of a store, and the device that it was named on; undefined for the path of a file. */
export interface Looked<T> {
  readonly seen: T
  readonly place: Place
  readonly named: NamedStore | undefined
}

/**
 * What `see` finds at the store of that name, while it can be reached; nothing is written, and all is let go. A regular
 * file of that name comes first, or one that a recovery is to get there, then what rd.live.overlay= would mean by it,
 * then whatever lies there.
 */
export function lookAt<T>(system: System, name: string, see: (place: Place) => T): Looked<T> {
  const stat = attempt(() => system.lstat(name), undefined)
  const isFile = stat === undefined ? isInterrupted(system, name) : stat.kind === 'file'
  if (isFile) return lookAtPath(system, name, see)
  const spec = parseStoreSpec(name)
  if (!('why' in spec)) return lookOnDevice(system, name, spec, see)
  if (stat !== undefined) return lookAtPath(system, name, see)
  throw new UsageError(`'${name}': there is no such file; and ${spec.why}`)
}

function lookAtPath<T>(system: System, name: string, see: (place: Place) => T): Looked<T> {
  const facts = probeMachine(system, probeNewRoot(system))
  const absolute = /^\//.test(name) ? name : `./${name}`
  const whole = absolute.replace(/\/+$/, '')
  const slash = whole.lastIndexOf('/')
  const [folder, path] = [whole.slice(0, slash), whole.slice(slash)]
  const place = { facts, folder, path, behindJournal: false }
  return { seen: see(place), place, named: undefined }
}

function lookOnDevice<T>(
  system: System,
  name: string,
  { device, path }: StoreSpec,
  see: (place: Place) => T,
): Looked<T> {
  if (path === undefined) {
    throw new UsageError(`'${name}': name the store's path too, as in ${name}:/persist.img`)
  }
  const newRoot = probeNewRoot(system)
  const found = probeWithDevice(system, newRoot, device)
  const disk = locate(found, device)
  if (disk === undefined) {
    throw new RefusedError(
      `there is no device ${formatDeviceSpec(device)}`,
      'See what is there with: holdfast probe',
    )
  }
  const { folder, steps, behindJournal } = planLook(found, formatDeviceSpec(device), disk)
  const runner = executor(system)
  try {
    runner.run({ reasons: [], steps })
    const facts = probeMachine(system, newRoot)
    const place = { facts, folder: folder === '/' ? '' : folder, path, behindJournal }
    return { seen: see(place), place, named: { device, path } }
  } finally {
    for (const trouble of runner.walkBack()) openLog(system).warn(trouble)
  }
}
