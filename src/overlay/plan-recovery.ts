import type { ByteRange } from '../formats/cow-areas.ts'
import { formatCowHeader } from '../formats/cow-store.ts'
import type { Step } from '../plan/step.ts'
import { createSnapshot } from './plan-snapshot.ts'
import type { Recovery, Repair } from './recovery.ts'
import { copyPath, oldPath } from './recovery-paths.ts'

/** The device in which base and store are one while their file system is checked. */
export const RECOVERY_DM = 'holdfast-recovery'

/**
 * A copy to work on, where the store itself is to stay as it is. What lies in its place is removed, not written to; the
 * copy that an interrupted recovery left takes no room for ever.
 */
export function planCopy({ path, work, hasCopy }: Recovery): Step[] {
  if (work === path) return hasCopy ? [{ kind: 'remove-file', path: copyPath(path) }] : []
  return [
    { kind: 'remove-file', path: work },
    { kind: 'copy-file', from: path, to: work },
  ]
}

/** The kernel takes it again. The mark goes last: until then the store is refused, as it was before. */
export function planMark({ path, work, stale, isInvalid, chunkSectors }: Recovery): Step[] {
  const valid = [...formatCowHeader(chunkSectors)]
  const invalid = valid.map((byte, at) => (at === 4 ? 0 : byte))
  const before = work === path ? { before: invalid } : {}
  return [
    ...planClear(work, stale),
    ...(isInvalid ? [{ kind: 'write-start', path: work, bytes: valid, ...before } as const] : []),
    { kind: 'sync', path: work },
  ]
}

function planClear(path: string, stale: ByteRange | undefined): Step[] {
  if (stale === undefined) return []
  const { offsetBytes, bytes } = stale
  return [{ kind: 'clear-entries', path, offsetBytes, bytes }]
}

/** Base and store become one device, its file system is checked, and the device goes again; the base is only read. */
export function planRepair(recovery: Recovery, repair: Repair & { kind: 'planned' }): Step[] {
  const { work, chunkSectors } = recovery
  const [base, store] = [{ loop: 'base' }, { loop: 'store' }]
  const origin = { node: base, sectors: repair.baseSectors }
  return [
    { kind: 'attach-loop', file: repair.base, as: base.loop, readOnly: true },
    { kind: 'attach-loop', file: work, as: store.loop, readOnly: false, once: true },
    { ...createSnapshot(origin, store, chunkSectors, RECOVERY_DM), withoutUdev: true },
    { kind: 'repair-files', device: `/dev/mapper/${RECOVERY_DM}`, repair: repair.how },
    { kind: 'remove-dm', name: RECOVERY_DM, withoutUdev: true },
    { kind: 'detach-loop', device: store },
    { kind: 'detach-loop', device: base },
    { kind: 'sync', path: work },
  ]
}

/** The cured copy takes the store's place, and the old store another name; copy and names are on the disk before. */
export function planSwap({ path, work }: Recovery): Step[] {
  if (work === path) return []
  const folder = folderOf(path)
  return [
    { kind: 'sync', path: folder },
    { kind: 'rename-file', from: path, to: oldPath(path) },
    ...planFinish(path),
  ]
}

/** What a power cut between the two names leaves to be done: the copy is cured, and the old store has its name. */
export function planFinish(path: string): Step[] {
  return [
    { kind: 'rename-file', from: copyPath(path), to: path },
    { kind: 'sync', path: folderOf(path) },
  ]
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
