import { CommandError, RefusedError } from '../errors.ts'
import { readCowUsage } from '../formats/cow-usage.ts'
import { type DmTarget, parseDmTable, parseSnapshotStatus } from '../formats/dm-table.ts'
import { mountOf } from '../formats/mount-table.ts'
import { attempt, tryLine } from '../machine/attempt.ts'
import {
  type BlockDevice,
  type Facts,
  findDeviceByDmName,
  findDeviceByNumber,
} from '../machine/facts.ts'
import type { FileStat, System } from '../machine/system.ts'
import type { Room } from './growth.ts'
import { longestFileBytes } from './longest-file.ts'
import type { AttachedSnapshot } from './plan-cure.ts'
import { ROOT_DM, SNAPSHOT_DM } from './plan-snapshot.ts'
import { probeAttached } from './probe-attached.ts'

/** The store that the running root keeps its changes in. */
export interface RootStore {
  /** The device-mapper name of the snapshot: stock dracut's is the root's device itself. */
  readonly name: string
  readonly snapshot: AttachedSnapshot
  readonly state: 'active' | 'overflow'
  readonly loop: BlockDevice
  /** Of its file, and the folder that its file system is mounted at. */
  readonly path: string
  readonly folder: string
  /** Its bytes are those of the file; the loop device may be shorter, after a growth that was cut off. */
  readonly room: Room
  readonly allocatedBytes: number
}

/**
 * The store of the running root; undefined where the root is no snapshot, or one whose store lies in RAM. Throws a
 * RefusedError when it is past use or its file cannot be reached, a CommandError when the kernel cannot be asked. Asks
 * dmsetup; changes nothing.
 */
export function probeRootStore(system: System, facts: Facts): RootStore | undefined {
  const device = findDeviceByDmName(facts, SNAPSHOT_DM) ?? findDeviceByDmName(facts, ROOT_DM)
  const name = device?.dm?.name
  if (name === undefined) return undefined
  const table = parseDmTable(ask(system, 'table', name))
  if (table.some(isError)) throw new RefusedError(BEING_CURED, AFTER_CURE)
  const snapshot = table.find(isSnapshot)
  const loop = snapshot && findDeviceByNumber(facts, snapshot.cow)
  if (snapshot === undefined || loop?.loop === undefined) return undefined
  const path = loop.loop.backingFile
  const holder = mountOf(facts.mounts, path)
  if (holder?.fsType === 'tmpfs') return undefined
  const file = attempt(() => system.lstat(path), undefined)
  if (holder === undefined || file === undefined || !isBehind(system, facts, path, file, loop)) {
    throw new RefusedError(
      `the store's file '${path}' cannot be reached: its file system is hidden, or it was removed`,
      'Mount its device again where it was; stock dracut hides it.',
    )
  }
  const state = probeState(system, name)
  const { bytes } = file
  const usedBytes = probeUsedBytes(system, path, snapshot.chunkSectors, bytes)
  const holderFreeBytes = attempt(() => system.freeBytes(holder.mountPoint), 0)
  const { chunkSectors, sectors: baseSectors } = snapshot
  const longestBytes = longestFileBytes(holder.fsType)
  const room = { bytes, usedBytes, chunkSectors, baseSectors, holderFreeBytes, longestBytes }
  const allocatedBytes = file.allocatedSectors * 512
  return { name, snapshot, state, loop, path, folder: holder.mountPoint, room, allocatedBytes }
}

const BEING_CURED = 'the snapshot under the root is being made anew'
const AFTER_CURE =
  'Try again when that has ended. If it has failed, reboot: what was synced is in the store.'

/** How long a loop device is now, in bytes; where that cannot be read, as long as it was. */
export function probeLoopBytes(system: System, { name, sectors }: BlockDevice): number {
  const now = tryLine(system, `/sys/class/block/${name}/size`)
  return (now === '' ? sectors : Number(now)) * 512
}

/** A root whose file system has failed may start no program any more. */
function ask(system: System, what: 'table' | 'status', name: string): string {
  const argv = ['dmsetup', what, name]
  const { status, stdout, stderr } = system.run(argv)
  if (status === 0) return stdout
  throw new CommandError(`Failed to read the ${what} of '${name}': ${stderr.trim()}`, argv)
}

function isSnapshot(target: DmTarget): target is DmTarget & { kind: 'snapshot' } {
  return target.kind === 'snapshot'
}

/** What planCure puts in the snapshot's place for a moment. */
function isError(target: DmTarget): boolean {
  return target.kind === 'other' && target.type === 'error'
}

function isBehind(
  system: System,
  facts: Facts,
  path: string,
  file: FileStat,
  loop: BlockDevice,
): boolean {
  return file.kind === 'file' && probeAttached(system, facts, path, file).includes(loop)
}

function probeState(system: System, name: string): 'active' | 'overflow' {
  const { kind } = parseSnapshotStatus(ask(system, 'status', name))
  if (kind === 'active' || kind === 'overflow') return kind
  throw new RefusedError(
    `the snapshot '${name}' is ${kind}: its store was lost to an error`,
    'It cannot be cured while the root is mounted. What was synced is in the store: reboot, and see holdfast check.',
  )
}

/** By the entries, which are there in an overflow as well; one that cannot be read counts as full. */
function probeUsedBytes(system: System, path: string, chunkSectors: number, bytes: number): number {
  const read = (offset: number, length: number) => system.readBytes(path, offset, length)
  const usage = attempt(() => readCowUsage(read, chunkSectors, bytes), undefined)
  return usage?.kind === 'sound' ? usage.usedSectors * 512 : bytes
}
