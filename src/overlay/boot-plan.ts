import type { Config } from '../cmdline/config.ts'
import { RefusedError } from '../errors.ts'
import type { BlockDevice } from '../machine/facts.ts'
import type { Plan } from '../plan/step.ts'
import { formatOutcome, type Outcome } from './outcome.ts'
import { READ_ONLY_TYPES } from './plan-overlayfs.ts'
import { planRecord } from './plan-record.ts'
import type { ReplaceRoot } from './plan-replace-root.ts'
import type { RootFacts } from './root-facts.ts'

/** A plan, and what the boot comes to when it has been carried out. */
export interface BootPlan {
  readonly plan: Plan
  readonly outcome: Outcome
}

/** Whether the root's base cannot be an origin, or was not to be one. */
export function usesOverlayFs(config: Config, root: RootFacts): boolean {
  return config.overlay.overlayFs || READ_ONLY_TYPES.includes(root.mount.fsType)
}

/** Why an OverlayFS keeps the changes of this root. */
export function overlayFsRemark(root: RootFacts): string {
  return READ_ONLY_TYPES.includes(root.mount.fsType)
    ? `the base is ${root.mount.fsType}, with no file system image inside: OverlayFS keeps the changes, file by file`
    : 'OverlayFS keeps the changes, file by file: rd.live.overlay.overlayfs'
}

/** A root on a block device. */
export type DeviceRoot = RootFacts & { readonly device: BlockDevice }

/** Throws a RefusedError for a root that is not the whole of a file system on one block device. */
export function requireDevice(root: RootFacts): DeviceRoot {
  const { device, mount } = root
  if (mount.root !== '/') {
    throw new RefusedError(
      `the root is the folder ${mount.root} of a file system, not all of it`,
      'The snapshot would be mounted whole; leave out rd.live.overlay=.',
    )
  }
  if (device?.content?.isSpread) {
    throw new RefusedError(
      `a part of the root's ${mount.fsType} lies on another device than ${device.node}`,
      'Beside a snapshot of the one the kernel would write to the other: leave out rd.live.overlay=, or use rd.live.overlay.overlayfs.',
    )
  }
  if (device !== undefined) return { ...root, device }
  throw new RefusedError(
    `the root is ${root.mount.fsType} from '${root.mount.source}', not a block device`,
    'A store needs a root on a block device; leave out rd.live.overlay=.',
  )
}

/** The outcome of a boot that has done nothing: what is more is said on top of it. */
export function nothingAsked(config: Config): Outcome {
  return {
    mode: 'untouched',
    technology: 'none',
    store: undefined,
    usedBytes: undefined,
    storeBytes: undefined,
    rootReadOnly: isReadOnly(config),
    why: undefined,
    remarks: [],
  }
}

/** As the kernel reads the options: the last of ro and rw counts. */
function isReadOnly(config: Config): boolean {
  const modes = config.rootFlags.filter((flag) => flag === 'ro' || flag === 'rw')
  return modes.at(-1) === 'ro'
}

/** The plan that replaces the root and leaves word of what it came to. */
export function conclude(config: Config, replaced: ReplaceRoot, outcome: Outcome): BootPlan {
  const reasons = [formatOutcome(outcome), ...outcome.remarks, ...(outcome.warnings ?? [])]
  const steps = [...replaced.steps, ...planRecord(config, outcome), ...replaced.letGo]
  return { plan: { reasons, steps }, outcome }
}
