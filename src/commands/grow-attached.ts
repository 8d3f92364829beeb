import { CommandError, RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { parseSnapshotStatus } from '../formats/dm-table.ts'
import type { System } from '../machine/system.ts'
import { chooseGrownBytes, formatShare } from '../overlay/choose-size.ts'
import { isLongest } from '../overlay/growth.ts'
import { LEAVE_FAT, LONGEST_ON_FAT } from '../overlay/longest-file.ts'
import { APART_PROGRAMS, FILLED_FILE, planApart } from '../overlay/plan-apart.ts'
import { planCure, planHeldGrowth, type Section } from '../overlay/plan-cure.ts'
import { type Growth, planGrowAttached } from '../overlay/plan-grow.ts'
import { SNAPSHOT_DM } from '../overlay/plan-snapshot.ts'
import { probePrograms } from '../overlay/probe-programs.ts'
import { probeLoopBytes, type RootStore } from '../overlay/probe-root-store.ts'
import { isSparse } from '../overlay/store-facts.ts'
import type { Runner } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import { carryOutGrowth } from './carry-out-growth.ts'

export interface Growing {
  readonly system: System
  readonly runner: Runner
  /** Called with each thing that is done, and in the end with what it came to. */
  said(text: string): void
}

/**
 * Grows the store of the running root, and makes a snapshot that has overflowed whole again. Throws a RefusedError where
 * there is no room for what was asked, or none at all for one that is full.
 */
export function growAttached(
  growing: Growing,
  store: RootStore,
  askedBytes: number | undefined,
): void {
  const { room, path } = store
  const missingBytes = isSparse({ bytes: room.bytes, allocatedBytes: store.allocatedBytes })
    ? room.bytes - store.allocatedBytes
    : 0
  const left = { ...room, holderFreeBytes: room.holderFreeBytes - missingBytes }
  const bytes = chooseGrownBytes(left, askedBytes)
  const grown = { ...left, bytes }
  refuseFull(store, grown.bytes)
  const fromBytes = missingBytes > 0 && left.holderFreeBytes > 0 ? 0 : room.bytes
  const isShort = bytes > room.bytes || fromBytes === 0 || loopBytes(store) < wholeSectors(bytes)
  if (!isShort && store.state === 'active') {
    nothingToDo(growing, `the store has ${formatBytes(bytes)} already: ${formatShare(grown)}`)
    return
  }
  const growth = { path, fromBytes, bytes, allocation: 'fallocate' } as const
  const reason = `${formatGrowth(room.bytes, growth)}: ${formatShare(grown)}`
  if (isShort) lengthen(growing, store, growth, reason)
  if (store.state === 'overflow') cure(growing, store)
}

/** What a growth is to a file of that length, in words. */
export function formatGrowth(fileBytes: number, { fromBytes, bytes }: Growth): string {
  if (bytes > fileBytes)
    return `the store grows from ${formatBytes(fileBytes)} to ${formatBytes(bytes)}`
  if (fromBytes < fileBytes)
    return `the store is sparse: it gets all its blocks, ${formatBytes(bytes)}`
  return `the loop device of the store becomes as long as its file, ${formatBytes(bytes)}`
}

/**
 * A growth of the attached store. Where `holds` says so of it, the root's writers wait meanwhile. Throws a CommandError also
 * where the kernel has not got all of it afterwards.
 */
export function lengthen(
  growing: Growing,
  store: RootStore,
  growth: Growth,
  reason: string,
  holds: (growth: Growth) => boolean = () => false,
): void {
  const { node } = store.loop
  growing.said(reason)
  carryOutGrowth(growing.runner, [reason], growth, (possible) =>
    holds(possible)
      ? apart(growing, store, planHeldGrowth(store.name, possible, node))
      : planGrowAttached(possible, node),
  )
  if (!growing.runner.dry) judgeLoop(growing.system, store, growth.bytes)
}

/** A loop device that was attached with a limit stays as it is, and losetup says nothing. */
function judgeLoop(system: System, { loop }: RootStore, bytes: number): void {
  const has = probeLoopBytes(system, loop)
  if (has >= wholeSectors(bytes)) return
  throw new CommandError(
    `Failed to resize '${loop.node}': it has ${formatBytes(has)}, its file ${formatBytes(bytes)}`,
    ['losetup', '--set-capacity', loop.node],
  )
}

/** Makes the snapshot anew under the root. Throws a CommandError when it has not overcome its overflow. */
export function cure(growing: Growing, store: RootStore): void {
  const { runner, system, said } = growing
  if (store.name !== SNAPSHOT_DM) {
    throw new RefusedError(
      'stock dracut mounted the root from the snapshot itself: an overflow is not cured under it',
      'The store has room now: reboot.',
    )
  }
  // Somebody else may have cured it since it was looked at.
  if (!runner.dry && ask(system, store) === 'active') return
  const reason = 'the snapshot has overflowed: it is made anew under the root'
  said(reason)
  runner.run({ reasons: [reason], steps: apart(growing, store, planCure(store.snapshot)) })
  if (runner.dry) return
  const kind = ask(system, store)
  if (kind !== 'active')
    throw new CommandError(`Failed to cure '${store.name}': it is ${kind}`, statusOf(store))
  said('the root can be written to again; where its file system has failed before, after a reboot')
}

const statusOf = ({ name }: RootStore) => ['dmsetup', 'status', name]

function ask(system: System, store: RootStore) {
  return parseSnapshotStatus(system.run(statusOf(store)).stdout).kind
}

function apart({ system }: Growing, store: RootStore, section: Section): Step[] {
  const programs = isPrepared(system) ? undefined : probePrograms(system, APART_PROGRAMS)
  return planApart(programs, store.folder, section)
}

/** Whether what is done while the root is suspended can begin at once. */
export function isPrepared(system: System): boolean {
  return system.exists(FILLED_FILE)
}

function refuseFull({ state, room }: RootStore, bytes: number): void {
  if (state === 'active' || bytes > room.usedBytes) return
  if (isLongest(room)) throw new RefusedError(`the store is full, and ${LONGEST_ON_FAT}`, LEAVE_FAT)
  throw new RefusedError(
    `the store is full, and its device has no room to let it grow: ${formatBytes(room.holderFreeBytes)} are free`,
    'Make room on its device, and run this again: what was synced is kept.',
  )
}

/** Says it where the plan is printed, or else to the administrator. */
function nothingToDo({ runner, said }: Growing, reason: string): void {
  runner.run({ reasons: [reason], steps: [] })
  if (!runner.dry) said(reason)
}

function loopBytes({ loop }: RootStore): number {
  return loop.sectors * 512
}

function wholeSectors(bytes: number): number {
  return Math.floor(bytes / 512) * 512
}
