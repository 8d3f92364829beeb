import { findMount, type Mount } from '../../../src/formats/mount-table.ts'
import type { KeepingFacts } from '../../../src/keeping/backing.ts'
import { judgePath, type Keeping } from '../../../src/keeping/judge-path.ts'
import type { Place } from '../../../src/keeping/probe-place.ts'
import type { BlockDevice } from '../../../src/machine/facts.ts'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../../../src/machine/places.ts'
import type { BootRecord } from '../../../src/overlay/plan-record.ts'
import type { SnapshotFacts } from '../../../src/status/probe-status.ts'
import { disk, dm, factsOf, loop } from '../facts-of.ts'

/** A running system with these devices and mounts (see factsOf), of which the kernel tells that much about the root. */
export function running(
  devices: readonly BlockDevice[],
  mounts: readonly string[],
  { snapshot, record }: { snapshot?: SnapshotFacts; record?: Partial<BootRecord> } = {},
): KeepingFacts {
  const made = factsOf(devices, mounts)
  // Without the two of the initramfs.
  const facts = { ...made, newRoot: '/', mounts: made.mounts.slice(2) }
  const asked = record as BootRecord | undefined
  const status = { record: asked, rootMount: undefined, snapshot, watch: undefined, detached: [] }
  const nothing = { upperFolders: new Map(), listed: new Map(), isCarried: () => false }
  return { facts, status, ...nothing, ...devicesOf(facts.mounts) }
}

function devicesOf(mounts: readonly Mount[]) {
  const deviceAt = (path: string) => findMount(mounts, path)?.device
  return { scratchDevice: deviceAt(SCRATCH_FOLDER), stateDevice: deviceAt(STATE_FOLDER) }
}

const ORIGIN = disk('sda', '8:0', 'ext4')
const HOLDER = disk('sdb', '8:16', 'ext4')

/** Devices and mounts of a root on live-rw whose store is that file; /dev/sdb is mounted at its usual place. */
export function liveRoot(
  backingFile: string,
  more: {
    mounts?: readonly string[]
    record?: Partial<BootRecord>
    state?: SnapshotFacts['state']
  } = {},
): KeepingFacts {
  const { mounts = [], record = {}, state } = more
  const store = loop(1, backingFile)
  const snapshotDm = dm(0, 'live-snapshot', 'holdfast-live-snapshot', ['loop1', 'sda'])
  const root = dm(1, 'live-rw', 'holdfast-live-rw', ['dm-0'])
  const snapshot: SnapshotFacts = {
    device: snapshotDm,
    state: state ?? { kind: 'active', usedSectors: 2048, totalSectors: 4096, metadataSectors: 32 },
    chunkSectors: 32,
    origin: ORIGIN,
    cow: store,
    holder: undefined,
    holderFreeBytes: undefined,
  }
  return running(
    [ORIGIN, HOLDER, store, snapshotDm, root],
    [
      '10 0 254:1 / / rw - ext4 /dev/mapper/live-rw rw',
      '11 10 0:2 / /run rw - tmpfs tmpfs rw',
      '12 11 8:16 / /run/initramfs/overlayfs rw - ext4 /dev/sdb rw',
      '13 11 0:3 / /run/initramfs/holdfast-ram rw - tmpfs tmpfs rw',
      ...mounts,
    ],
    { snapshot, record },
  )
}

/** A place that is there, and is of that kind. */
export function place(path: string, kind: Place['kind'] = 'file'): Place {
  return { asked: path, path, nearest: path, kind, code: undefined }
}

/** Verdict and words, as they are printed. */
export function say(all: KeepingFacts, at: Place | string): string {
  const judged: Keeping = judgePath(all, typeof at === 'string' ? place(at) : at)
  return [`${judged.verdict}: ${judged.words}`, ...judged.remarks].join('; ')
}
