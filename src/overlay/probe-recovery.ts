import { walkExceptions } from '../formats/cow-exceptions.ts'
import { cowGeometry } from '../formats/cow-geometry.ts'
import { isChunkSectors } from '../formats/cow-store.ts'
import { mountOf } from '../formats/mount-table.ts'
import { attempt } from '../machine/attempt.ts'
import { type Facts, findDeviceByDmName } from '../machine/facts.ts'
import { placedReader } from '../machine/placed-reader.ts'
import type { System } from '../machine/system.ts'
import { judgeCheck } from './judge-check.ts'
import { RECOVERY_DM } from './plan-recovery.ts'
import { probeBase } from './probe-base.ts'
import { type CheckFacts, probeCheck } from './probe-check.ts'
import { findProgram } from './probe-programs.ts'
import { readable } from './probe-store.ts'
import type { RecoveryFacts } from './recovery.ts'
import { copyPath, oldPath } from './recovery-paths.ts'
import { REPAIR_PROGRAMS } from './recovery-repair.ts'

/** Where a store lies: at `path` (absolute) below `folder`. */
interface Place {
  readonly facts: Facts
  readonly folder: string
  readonly path: string
  readonly behindJournal: boolean
}

/**
 * All that is to be known of a store that may be recovered; `base` is the device or file that was given for its base.
 * Changes nothing. Throws a RefusedError for a base that is not there, or not the store's.
 */
export function probeRecovery(
  system: System,
  { facts, folder, path, behindJournal }: Place,
  name: string,
  base: string | undefined,
): RecoveryFacts {
  const check = probeCheck(system, facts, name, folder, path, behindJournal)
  const whole = `${folder}${path}`
  return {
    check,
    path: whole,
    entriesBeforeDamage: countBeforeDamage(system, check),
    copyBytes: bytesToFree(system, copyPath(whole)),
    hasOld: attempt(() => system.lstat(oldPath(whole)) !== undefined, false),
    isRunning: findDeviceByDmName(facts, RECOVERY_DM) !== undefined,
    holderType: mountOf(facts.mounts, folder === '' ? '/' : folder)?.fsType,
    base: probeBase(system, facts, check, base),
    missingPrograms: REPAIR_PROGRAMS.filter((program) => !findProgram(system, program)),
  }
}

/** What is free when the file there is removed: nothing of one that has other names; undefined where there is none. */
function bytesToFree(system: System, path: string): number | undefined {
  const stat = attempt(() => system.lstat(path), undefined)
  if (stat === undefined || stat.kind === 'directory') return undefined
  return stat.kind === 'file' && stat.links === 1 ? stat.allocatedSectors * 512 : 0
}

/** Of a store that has lost its header the record may know the chunk size. */
function countBeforeDamage(system: System, check: CheckFacts): number | undefined {
  const { store, record } = check
  if (store.kind !== 'file' || judgeCheck(check).kind !== 'refused') return undefined
  const { header, path, bytes } = store
  const recorded = record.kind === 'record' ? record.record.chunkSectors : 0
  const chunkSectors = header.kind === 'store' ? header.chunkSectors : recorded
  if (!isChunkSectors(chunkSectors) || header.kind === 'foreign') return undefined
  let entries = 0
  readable(() =>
    walkExceptions(cowGeometry(placedReader(system, path), chunkSectors, bytes), () => {
      entries++
    }),
  )
  return entries
}
