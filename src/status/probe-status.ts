import { parseDmTable, parseSnapshotStatus, type SnapshotStatus } from '../formats/dm-table.ts'
import { findMount, type Mount, mountOf } from '../formats/mount-table.ts'
import { attempt, tryText } from '../machine/attempt.ts'
import { type BlockDevice, type Facts, findDeviceByDmName } from '../machine/facts.ts'
import { RECORD_FILE, STORE_FILE } from '../machine/places.ts'
import type { System } from '../machine/system.ts'
import type { BootRecord } from '../overlay/plan-record.ts'
import { ROOT_DM, SNAPSHOT_DM } from '../overlay/plan-snapshot.ts'
import type { StoreWatch } from '../overlay/plan-warning.ts'
import { findDetached } from '../stateless/find-detached.ts'
import type { ListedPath, StatelessOutcome } from '../stateless/stateless-outcome.ts'

/** All that /run/holdfast/boot.json holds. */
export interface WholeRecord extends BootRecord {
  /** What became of the paths of rwtab and statetab; undefined where nothing of the kind was asked for. */
  readonly stateless?: StatelessOutcome | undefined
}

/** How the root keeps its changes now, as the kernel shows it; the record tells what was asked and why. */
export interface Status {
  readonly record: WholeRecord | undefined
  readonly rootMount: Mount | undefined
  /** undefined where the root is not a snapshot. */
  readonly snapshot: SnapshotFacts | undefined
  /** What the monitor has said of the store; undefined where it has said nothing. */
  readonly watch: StoreWatch | undefined
  /** Of the paths of rwtab and statetab those over which nothing is mounted any more. */
  readonly detached: readonly ListedPath[]
}

export interface SnapshotFacts {
  readonly device: BlockDevice
  readonly state: SnapshotStatus
  readonly chunkSectors: number | undefined
  /** The device that is not written to, and the store's loop device. */
  readonly origin: BlockDevice | undefined
  readonly cow: BlockDevice | undefined
  /** Where the store's file system is mounted, and what is free on it. */
  readonly holder: Mount | undefined
  readonly holderFreeBytes: number | undefined
}

/** Reads the record, /sys, and asks dmsetup for table and state; changes nothing. */
export function probeStatus(system: System, facts: Facts): Status {
  // Stock dmsquash-live mounts the root from the snapshot itself.
  const device = findDeviceByDmName(facts, SNAPSHOT_DM) ?? findDeviceByDmName(facts, ROOT_DM)
  const record = readRecord(system)
  const { stateless } = record ?? {}
  return {
    record,
    detached: stateless ? findDetached(stateless, facts.mounts, facts.newRoot) : [],
    rootMount: findMount(facts.mounts, facts.newRoot),
    snapshot: device && probeSnapshot(system, facts, device),
    watch: readJson<StoreWatch>(system, STORE_FILE),
  }
}

/** What the boot has left word of; undefined where there is none that can be read. */
export function readRecord(system: System): WholeRecord | undefined {
  return readJson<WholeRecord>(system, RECORD_FILE)
}

function readJson<Value>(system: System, path: string): Value | undefined {
  const text = tryText(system, path)
  try {
    return text === '' ? undefined : (JSON.parse(text) as Value)
  } catch {
    return undefined
  }
}

function probeSnapshot(system: System, facts: Facts, device: BlockDevice): SnapshotFacts {
  const name = device.dm?.name ?? device.name
  const [target] = parseDmTable(system.run(['dmsetup', 'table', name]).stdout)
  const arguments_ = target?.kind === 'snapshot' ? target : undefined
  const find = (number: string | undefined) =>
    facts.devices.find((other) => other.number === number)
  const cow = find(arguments_?.cow)
  const holder = cow?.loop && mountOf(facts.mounts, cow.loop.backingFile)
  return {
    device,
    state: parseSnapshotStatus(system.run(['dmsetup', 'status', name]).stdout),
    chunkSectors: arguments_?.chunkSectors,
    origin: find(arguments_?.origin),
    cow,
    holder,
    holderFreeBytes: holder && attempt(() => system.freeBytes(holder.mountPoint), undefined),
  }
}
