import { ExpectedError, RefusedError } from '../errors.ts'
import type { Log } from '../log.ts'
import { attempt } from '../machine/attempt.ts'
import { probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import type { Room } from '../overlay/growth.ts'
import { decide } from '../overlay/monitor-policy.ts'
import type { Growth } from '../overlay/plan-grow.ts'
import { probeRootStore, type RootStore } from '../overlay/probe-root-store.ts'
import { holeBytes } from '../overlay/store-facts.ts'
import { executor } from '../plan/runner.ts'
import { cure, formatGrowth, isPrepared, lengthen } from './grow-attached.ts'
import { openEye } from './look-at-store.ts'
import { openStandBy } from './stand-by.ts'
import { openTell } from './tell-level.ts'

/** After a growth that failed, and while the store's file cannot be read. */
const TROUBLE_MS = 30_000

/** One look at the store, and what is due. How long to wait for the next; undefined when none is needed. */
export type Watch = () => number | undefined

/** Watches a store for as long as it is called; what goes wrong is said once, and tried again later. */
export function watchStore(system: System, log: Log, found: RootStore): Watch {
  const eye = openEye(system, found.room.chunkSectors)
  const tell = openTell(system, log)
  const standBy = openStandBy(system, log)
  let store = found
  let growths = 0
  /** Before that no growth is tried again. */
  let growAt = 0
  let mayFill = true
  let lastTrouble = ''

  const trouble = (text: string) => {
    if (text !== lastTrouble) log.warn(`${text}, trying again`)
    lastTrouble = text
  }

  const grow = (room: Room, bytes: number, held: boolean) => {
    growAt = system.monotonicMs() + TROUBLE_MS
    try {
      const known = held && isPrepared(system) ? asSeen(system, store, room) : probeAnew(system)
      store = growStore({ system, log, store: known, bytes, held })
      growths++
      growAt = 0
      mayFill = !hasHoles(system, store.path)
      lastTrouble = ''
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      trouble(error.message)
      // ext2, ext3: nothing but a write gives blocks to a hole, and the kernel writes there.
      if (/not supported/i.test(error.message)) mayFill = false
    }
    eye.askAnew()
  }

  return () => {
    const seen = attempt(() => eye.look(store), undefined)
    if (seen === undefined) {
      trouble(`the store's file '${store.path}' cannot be read`)
      return TROUBLE_MS
    }
    const rests = system.monotonicMs() < growAt
    const decision = decide({ ...seen, mayGrow: !rests, mayFill })
    switch (decision.kind) {
      case 'done':
        tell('well', seen.room, growths)
        standBy(false)
        return undefined
      case 'wait':
        tell(decision.level, seen.room, growths)
        standBy(decision.standby)
        return decision.pauseMs
      case 'grow':
        grow(seen.room, decision.bytes, decision.held)
        return 0
    }
  }
}

function hasHoles(system: System, path: string): boolean {
  const file = attempt(() => system.stat(path), undefined)
  if (file === undefined) return false
  return holeBytes({ bytes: file.bytes, allocatedBytes: file.allocatedSectors * 512 }) > 0
}

/** What was seen may be of before, and so the machine is asked anew. Throws an ExpectedError. */
function probeAnew(system: System): RootStore {
  const store = probeRootStore(system, probeMachine(system, '/'))
  if (store !== undefined) return store
  throw new RefusedError('the root has no store on a device any more', 'See: holdfast status')
}

/** Writers wait while an active store grows, and there is no time to ask: devices and path are as before, the root is mounted from them. */
function asSeen(system: System, store: RootStore, room: Room): RootStore {
  const { bytes, allocatedSectors } = system.stat(store.path)
  const allocatedBytes = allocatedSectors * 512
  return { ...store, state: 'active', room: { ...room, bytes }, allocatedBytes }
}

interface Due {
  readonly system: System
  readonly log: Log
  readonly store: RootStore
  readonly bytes: number
  readonly held: boolean
}

/** Makes the store that long, and cures it where it has overflowed. Throws an ExpectedError. */
function growStore({ system, log, store, bytes, held }: Due): RootStore {
  const { path, room, allocatedBytes } = store
  const growing = { system, runner: executor(system), said: log.info }
  const allocation = 'fallocate'
  const growth = {
    path,
    // One with holes gets their blocks as well: on a holder that runs full it would be lost.
    fromBytes: holeBytes({ bytes: room.bytes, allocatedBytes }) > 0 ? 0 : room.bytes,
    bytes: Math.max(bytes, room.bytes),
    allocation,
  } as const
  const reason = formatGrowth(room.bytes, growth)
  // To prepare for it takes longer than the growth itself, but where zeros have to be written.
  const holds = (possible: Growth) => possible.allocation === 'zeros' || isPrepared(system)
  if (!held || !tryHeld(log, () => lengthen(growing, store, growth, reason, holds))) {
    lengthen(growing, store, growth, reason)
  }
  if (store.state === 'overflow') cure(growing, store)
  return store
}

/** Where writers cannot be made to wait, the store grows all the same. */
function tryHeld(log: Log, body: () => void): boolean {
  try {
    body()
    return true
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    log.warn(`${error.message}, growing without that`)
    return false
  }
}
