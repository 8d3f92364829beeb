import { RefusedError } from '../errors.ts'
import type { SuperblockType } from '../formats/superblock.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import { findHolder, planHolder } from './plan-reach.ts'

/** How to get at a device's files without a write to it. */
export interface Look {
  /** Where it is, or will be, mounted. */
  readonly folder: string
  readonly steps: readonly Step[]
  /** Whether a journal is left that a mount for writing would replay. */
  readonly behindJournal: boolean
}

/** Where a device is mounted while a store on it is looked at. */
const LOOK_FOLDER = `${RECORD_FOLDER}/check`

/** By which each type leaves its journal alone: a mount with ro alone replays it, which is a write. */
const WITHOUT_JOURNAL: { readonly [Type in SuperblockType]?: readonly string[] } = {
  ext3: ['noload'],
  ext4: ['noload'],
  xfs: ['norecovery'],
  btrfs: ['rescue=nologreplay'],
  f2fs: ['norecovery'],
}

/**
 * The mount that is there; else one of our own, over a read-only loop device, so that whatever the file system does no
 * block of the device changes. All of it is taken back by undo. Throws a RefusedError when it holds no file system, or
 * is mounted so that a store cannot be reached.
 */
export function planLook(facts: Facts, name: string, device: BlockDevice): Look {
  const mount = findHolder(facts, device)
  if (mount !== undefined) {
    return { folder: mount.mountPoint, steps: [], behindJournal: false }
  }
  const elsewhere = facts.mounts.find(
    (other) => other.device === device.number || other.source === device.node,
  )
  if (elsewhere !== undefined) {
    throw new RefusedError(
      `${name} is mounted at ${elsewhere.mountPoint}, where not all of it can be seen`,
      'Give the path of the store as it is there, without its device.',
    )
  }
  const [folder, mounting] = planHolder(name, device, LOOK_FOLDER, true).steps
  if (folder === undefined || mounting?.kind !== 'mount')
    throw new Error('no mount to look through')
  const type = device.content?.type
  const options = ['ro', 'noatime', ...((type && WITHOUT_JOURNAL[type]) ?? [])]
  return {
    folder: LOOK_FOLDER,
    steps: [
      folder,
      { kind: 'attach-loop', file: device.node, as: 'holder', readOnly: true },
      { ...mounting, device: { loop: 'holder' }, options },
    ],
    behindJournal: device.content?.needsRecovery === true,
  }
}
