import { RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { describeHole } from '../formats/cow-hole.ts'
import type { CowUsage } from '../formats/cow-usage.ts'
import { isNearlyFull, type Room } from './growth.ts'
import { judgeCheck } from './judge-check.ts'
import { sayDamage } from './judge-hole.ts'
import { RECOVERY_DM } from './plan-recovery.ts'
import type { CheckFacts } from './probe-check.ts'
import type { Recovery, RecoveryFacts, RecoveryRequest } from './recovery.ts'
import { copyPath, oldPath } from './recovery-paths.ts'
import { judgeRepair } from './recovery-repair.ts'
import { chooseRoom, SHARING } from './recovery-room.ts'
import type { StoreFile } from './store-facts.ts'

/**
 * What is to be done to a store; undefined where nothing is wrong with it. Throws a RefusedError where it cannot be
 * cured, and says what of it can still be read; where it is in use; and where there is no room for a copy.
 */
export function judgeRecovery(facts: RecoveryFacts, asked: RecoveryRequest): Recovery | undefined {
  const { check } = facts
  judgeUnused(check)
  const store = judgeCurable(facts)
  if (store === undefined) return undefined
  const { path, bytes, chunkSectors, isInvalid, usage } = store
  const { stale } = usage
  const room = roomOf(facts, store)
  const isFull = isNearlyFull(room)
  const wrong = [
    ...(isInvalid ? ['it is marked invalid: it ran full, or its disk failed'] : []),
    ...(stale === undefined ? [] : [judgeStale(check.name, store, asked)]),
    ...(isFull ? [`it is full: ${formatBytes(room.usedBytes)} of ${formatBytes(bytes)}`] : []),
  ]
  if (wrong.length === 0 && !asked.force) return undefined
  const { growth, canBeWritten } = chooseRoom(check.name, facts, room, asked)
  judgeAlone(facts)
  if (!asked.inPlace) judgeOld(check.name, wrong.length === 0, facts)
  const repair = judgeRepair(facts, usage, canBeWritten, asked)
  if (wrong.length === 0 && repair.kind === 'left-out') {
    throw new RefusedError(
      `'${check.name}' is sound, and its file system cannot be checked: ${repair.why}`,
      'There is nothing else to recover.',
    )
  }
  const work = asked.inPlace ? path : copyPath(path)
  const hasCopy = facts.copyBytes !== undefined
  return { path, work, bytes, chunkSectors, hasCopy, wrong, isInvalid, stale, growth, repair }
}

/** Whether a power cut came between the two names that a cured store and the old one get. */
export function isUnfinished({ check }: RecoveryFacts): boolean {
  return check.store.kind === 'interrupted'
}

function judgeUnused({ name, attached }: CheckFacts): void {
  if (attached.length === 0) return
  const nodes = attached.map(({ node }) => node).join(' and ')
  throw new RefusedError(
    `'${name}' is in use: it is attached to ${nodes}`,
    'Boot without it (leave out rd.live.overlay=), or another system, and recover it from there.',
  )
}

/** A store that can be cured. */
interface Curable {
  readonly path: string
  readonly bytes: number
  readonly chunkSectors: number
  readonly isInvalid: boolean
  readonly usage: CowUsage & { readonly kind: 'sound' }
}

/** undefined for one that is blank. What can be cured apart, it has to be what the kernel takes. */
function judgeCurable({ check, entriesBeforeDamage }: RecoveryFacts): Curable | undefined {
  const { refusal } = judgeCheck(asCured(check))
  if (refusal !== undefined) {
    const kept = entriesBeforeDamage
    throw kept === undefined || kept === 0
      ? new RefusedError(refusal.message, refusal.hint)
      : new RefusedError(
          refusal.message,
          `It cannot be cured. Its first ${kept} entries can be read, with their data; take a copy of the store.`,
        )
  }
  const { store } = check
  if (store.kind !== 'file' || store.header.kind !== 'store') return undefined
  if (store.usage?.kind !== 'sound') throw new Error('a store that was judged sound is not')
  const { path, bytes, header, usage } = store
  return { path, bytes, chunkSectors: header.chunkSectors, isInvalid: !header.valid, usage }
}

/** Not marked, and nothing behind the end of its list. */
function asCured(check: CheckFacts): CheckFacts {
  const { store } = check
  if (store.kind !== 'file' || store.header.kind !== 'store') return check
  const { header, usage } = store
  const cured: StoreFile = {
    ...store,
    header: { ...header, valid: true },
    usage: usage?.kind === 'sound' ? { ...usage, stale: undefined } : usage,
  }
  return { ...check, store: cured }
}

/** The copy that an interrupted recovery left goes first: its room is there, too. */
function roomOf(
  { check, base, copyBytes = 0, holderType = '' }: RecoveryFacts,
  { bytes, chunkSectors, usage }: Curable,
): Room {
  const { store, record } = check
  const freeBytes = store.kind === 'file' ? store.holderFreeBytes : 0
  const recorded = record.kind === 'record' ? record.record.base.sectors : undefined
  return {
    bytes,
    usedBytes: usage.usedSectors * 512,
    chunkSectors,
    baseSectors: base.kind === 'found' ? base.identity.sectors : recorded,
    holderFreeBytes: freeBytes + (SHARING.includes(holderType) ? 0 : copyBytes),
    longestBytes: store.kind === 'file' ? store.longestBytes : undefined,
  }
}

/** What lies behind the end of the list, in words. Throws a RefusedError where it is given up only when that is asked for. */
function judgeStale(
  name: string,
  { chunkSectors, usage }: Curable,
  { inPlace, force }: RecoveryRequest,
): string {
  if (usage.stale === undefined) throw new Error('there is no hole')
  const damage = sayDamage(chunkSectors, usage)
  if (damage === undefined) {
    const hole = describeHole(chunkSectors, usage.exceptions, usage.stale)
    return `behind the end of its list are ${hole.emptyEntries} empty entries and then ${hole.entriesBehind} more: a power cut tore a write, and nothing is lost with them`
  }
  if (force && !inPlace) return `${damage}: what follows is given up`
  throw new RefusedError(
    `'${name}' is damaged: ${damage}`,
    `With --force, and not --in-place, what follows is given up; the old store is kept as ${oldPath(name)}. The store has not been touched.`,
  )
}

/** Two at once would each take the copy of the other away. */
function judgeAlone({ isRunning }: RecoveryFacts): void {
  if (!isRunning) return
  throw new RefusedError(
    `there is a device /dev/mapper/${RECOVERY_DM}: another recovery runs, or one was killed`,
    `Wait for its end. Where there is none: dmsetup remove ${RECOVERY_DM}`,
  )
}

/** Asked again with --force, a recovery that was cut off at its very end finds a sound store. */
function judgeOld(name: string, isSound: boolean, { hasOld }: RecoveryFacts): void {
  if (!hasOld) return
  const sound = isSound ? `'${name}' is sound, and ` : ''
  throw new RefusedError(
    `${sound}'${oldPath(name)}' is there already, from an earlier recovery`,
    'Remove it, or move it away: a store that was kept is not overwritten.',
  )
}
