import type { Config } from '../cmdline/config.ts'
import { type BlockDevice, type Facts, findDeviceByNumber } from '../machine/facts.ts'
import { HOLDER_FOLDER } from '../machine/places.ts'
import type { Plan } from '../plan/step.ts'
import { DM_UUID_PREFIX } from '../plan/step.ts'
import { formatOutcome, type Outcome } from './outcome.ts'
import { OVERLAY_SOURCE } from './plan-overlayfs.ts'
import { planRecord } from './plan-record.ts'
import { ROOT_DM } from './plan-snapshot.ts'
import type { RootFacts } from './root-facts.ts'

/** A root that is already a snapshot: of an earlier run of ours, or of stock dmsquash-live. */
export interface MadeRoot {
  readonly ours: boolean
  /** The files behind the loop devices that it stands on: base and store. */
  readonly backingFiles: readonly string[]
}

/** Whether the mounted root is a live-rw device that somebody has made, or our OverlayFS; undefined when it is not. */
export function findMadeRoot(facts: Facts, root: RootFacts | undefined): MadeRoot | undefined {
  if (root?.mount.fsType === 'overlay' && root.mount.source === OVERLAY_SOURCE) {
    return { ours: true, backingFiles: [] }
  }
  const device = root && findDeviceByNumber(facts, root.mount.device)
  if (device?.dm?.name !== ROOT_DM) return undefined
  const below = facts.devices.filter(({ name }) => device.slaves.includes(name))
  return {
    ours: device.dm.uuid.startsWith(DM_UUID_PREFIX),
    backingFiles: below.flatMap(backingFile),
  }
}

function backingFile({ loop }: BlockDevice): string[] {
  return loop === undefined ? [] : [loop.backingFile]
}

/**
 * What was made is kept as it is; a plan of ours is empty, one of stock dracut's leaves a record. Stock's root counts
 * as persistent when one of the files it stands on is the one that was asked for.
 */
export function planAdopted(
  config: Config,
  made: MadeRoot,
): { readonly plan: Plan; readonly outcome: Outcome | undefined } {
  if (made.ours) {
    return { plan: { reasons: ['the root is as asked already'], steps: [] }, outcome: undefined }
  }
  const outcome = stockOutcome(config, made)
  const reasons = [formatOutcome(outcome), ...outcome.remarks]
  return { plan: { reasons, steps: planRecord(config, outcome) }, outcome }
}

function stockOutcome(config: Config, made: MadeRoot): Outcome {
  const { store, asked } = config.overlay
  const kept =
    store.kind === 'persistent' && made.backingFiles.some((file) => isStore(file, store.path))
  const wanted = store.kind === 'persistent' && !kept
  return {
    mode: kept ? 'persistent' : 'temporary',
    technology: 'dm-snapshot',
    store: kept ? asked?.replace(/^[^=]*=/, '') : undefined,
    usedBytes: undefined,
    storeBytes: undefined,
    rootReadOnly: config.rootFlags.includes('ro'),
    why: wanted ? 'stock dmsquash-live made the root on another store' : undefined,
    remarks: ['live-rw was made by stock dmsquash-live: adopted as it is'],
  }
}

/** Stock hides the file system of the store, and the kernel then names the file by its path within it. */
function isStore(backingFile: string, path: string | undefined): boolean {
  if (path === undefined) return /\/overlay-[^/]*$/.test(backingFile)
  return backingFile === path || backingFile === `${HOLDER_FOLDER}${path}`
}
