import { ExpectedError, RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { type CowCursor, cursorUsedBytes, newCowCursor, readOn } from '../formats/cow-cursor.ts'
import { parseSnapshotStatus } from '../formats/dm-table.ts'
import type { Log } from '../log.ts'
import { attempt } from '../machine/attempt.ts'
import { probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { decide, headroom, LEVELS, type Level, type Look } from '../overlay/monitor-policy.ts'
import { formatLevel, planWord } from '../overlay/plan-warning.ts'
import { probeDirtyBudget } from '../overlay/probe-dirty-budget.ts'
import { probeRootStore, type RootStore } from '../overlay/probe-root-store.ts'
import { executor } from '../plan/runner.ts'
import { cure, growHeld, lengthen } from './grow-attached.ts'

/** What is asked of programs and of large files of /proc: seldom, and oftener where it matters. */
const ASK_EVERY_MS = 60_000
const ASK_OFTEN_MS = 5_000
/** With less free than this, the kernel may know of an overflow that its entries do not show yet. */
const NEARLY_FULL_BYTES = 4 << 20
/** After a growth that failed, and while the store's file cannot be read. */
const TROUBLE_MS = 30_000

/** One look at the store, and what is due. How long to wait for the next; undefined when none is needed. */
export type Watch = () => number | undefined

/** Watches a store for as long as it is called; what goes wrong is said once, and tried again later. */
export function watchStore(system: System, log: Log, found: RootStore): Watch {
  let store = found
  let state: Look['state'] = found.state
  let cursor: CowCursor = newCowCursor(found.room.chunkSectors)
  let headroomBytes = 0
  let askAt = 0
  let growAt = 0
  let growths = 0
  let level: Level = 'well'
  let lastTrouble = ''

  const trouble = (text: string) => {
    if (text !== lastTrouble) log.warn(`${text}, trying again`)
    lastTrouble = text
  }

  const look = (): Look => {
    const { path, folder } = store
    cursor = readOn((offset, length) => system.readBytes(path, offset, length), cursor)
    const { bytes } = system.stat(path)
    const usedBytes = cursorUsedBytes(cursor)
    const now = system.monotonicMs()
    if (now >= askAt) ask(now, bytes - usedBytes)
    const holderFreeBytes = now >= growAt ? system.freeBytes(folder) : 0
    return { room: { ...store.room, bytes, usedBytes, holderFreeBytes }, state, headroomBytes }
  }

  const ask = (now: number, freeBytes: number) => {
    const said = parseSnapshotStatus(system.run(['dmsetup', 'status', store.name]).stdout).kind
    // A root whose file system has failed starts no program any more.
    if (said !== 'unknown') state = said
    headroomBytes = headroom(probeDirtyBudget(system), store.room.chunkSectors)
    const often = state !== 'active' || freeBytes < NEARLY_FULL_BYTES
    askAt = now + (often ? ASK_OFTEN_MS : ASK_EVERY_MS)
  }

  /** What has been seen may be of before: the machine is asked anew. */
  const grow = (bytes: number, held: boolean) => {
    const fresh = probeRootStore(system, probeMachine(system, '/'))
    if (fresh === undefined) {
      throw new RefusedError('the root has no store any more', 'See holdfast status.')
    }
    store = fresh
    const growing = { system, runner: executor(system), said: log.info }
    const growth = {
      path: store.path,
      fromBytes: store.room.bytes,
      bytes: Math.max(bytes, store.room.bytes),
      allocation: 'fallocate',
    } as const
    const reason = `the store grows from ${formatBytes(growth.fromBytes)} to ${formatBytes(growth.bytes)}`
    if (held) growHeld(growing, store, growth, reason)
    else lengthen(growing, store, growth, reason)
    growths++
    if (store.state === 'overflow') cure(growing, store)
    state = 'active'
    askAt = 0
  }

  const word = (now: Level, { room }: Look) => {
    const worse = LEVELS.indexOf(now) > LEVELS.indexOf(level)
    const text = formatLevel(now, room)
    if (worse && text !== undefined) log.warn(text)
    if (now === 'well' && level !== 'well') log.info('the store has room again')
    level = now
    const { usedBytes, bytes: totalBytes } = room
    const sinceSeconds = system.epochSeconds()
    const watch = { version: 1, level, usedBytes, totalBytes, growths, sinceSeconds } as const
    for (const step of planWord(watch, room, worse)) {
      carryOut(() => executor(system).run({ reasons: [], steps: [step] }))
    }
  }

  /** Nobody's message is worth the end of the watch. */
  const carryOut = (body: () => void) => {
    try {
      body()
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      trouble(error.message)
    }
  }

  return () => {
    const seen = attempt(look, undefined)
    if (seen === undefined) {
      trouble(`the store's file '${store.path}' cannot be read`)
      return TROUBLE_MS
    }
    const decision = decide(seen)
    if (decision.kind === 'done') {
      word('well', seen)
      return undefined
    }
    if (decision.kind === 'wait') {
      if (decision.level !== level) word(decision.level, seen)
      return decision.pauseMs
    }
    growAt = system.monotonicMs() + TROUBLE_MS
    carryOut(() => {
      grow(decision.bytes, decision.held)
      growAt = 0
    })
    return 0
  }
}
