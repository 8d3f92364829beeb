import type { Config } from '../cmdline/config.ts'
import { RefusedError } from '../errors.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import type { Plan } from '../plan/step.ts'
import { type FitStore, judgeStore } from './judge-store.ts'
import { formatOutcome, type Outcome, type Shortfall } from './outcome.ts'
import { type Binding, planBinding } from './plan-binding.ts'
import {
  planOverlayFsRoot,
  planRamLayers,
  planStoreLayers,
  READ_ONLY_TYPES,
} from './plan-overlayfs.ts'
import { planRamStore } from './plan-ram.ts'
import { planRecord } from './plan-record.ts'
import type { ReplaceRoot } from './plan-replace-root.ts'
import { planPersistentRoot, planReadOnlyStoreRoot, planTemporaryRoot } from './plan-snapshot.ts'
import type { RootFacts } from './root-facts.ts'
import type { StoreFacts } from './store-facts.ts'

/** A plan, and what the boot comes to when it has been carried out. */
export interface BootPlan {
  readonly plan: Plan
  readonly outcome: Outcome
}

/**
 * The root keeps its changes in the store. Throws a RefusedError when the store cannot be trusted with it, or belongs to
 * another base; a dry run that has seen neither plans without `binding`.
 */
export function planPersistent(
  config: Config,
  facts: Facts,
  root: RootFacts,
  name: string,
  store: StoreFacts,
  binding: Binding | undefined,
): BootPlan {
  if (usesOverlayFs(config, root)) return planPersistentFiles(config, root, name, store)
  const { reset, readOnly } = config.overlay
  const fit = judgeStore(name, store, reset && !readOnly)
  const base = requireDevice(root)
  const bound = binding && planBinding(name, root, fit, binding)
  if (!readOnly) {
    const outcome: Outcome = {
      ...nothingAsked(config),
      mode: 'persistent',
      technology: 'dm-snapshot',
      store: name,
      usedBytes: fit.usedBytes,
      storeBytes: fit.bytes,
      remarks: [...remarksOn(fit, reset), ...(bound?.remarks ?? [])],
    }
    return conclude(config, planPersistentRoot(config, base, fit, bound?.steps ?? []), outcome)
  }
  const ram = planRamStore(config, facts, base.device.sectors)
  const outcome: Outcome = {
    ...nothingAsked(config),
    mode: 'temporary',
    technology: 'dm-snapshot',
    store: name,
    remarks: ['the store is only read: rd.live.overlay.readonly'],
  }
  return conclude(config, planReadOnlyStoreRoot(config, base, fit, ram), outcome)
}

function remarksOn(fit: FitStore, reset: boolean): string[] {
  const state = fit.blank ? ['the store is blank, the kernel formats it'] : []
  const sparse = fit.sparse
    ? ['the store is sparse: when its file system runs full, the store is lost (holdfast create)']
    : []
  return [...(reset ? ['the store is emptied: rd.live.overlay.reset'] : state), ...sparse]
}

function planPersistentFiles(
  config: Config,
  root: RootFacts,
  name: string,
  store: StoreFacts,
): BootPlan {
  if (config.overlay.readOnly) {
    throw new RefusedError(
      'rd.live.overlay.readonly is not there for OverlayFS roots',
      'Leave it out, or leave out rd.live.overlay= for a root whose changes are not kept.',
    )
  }
  const outcome: Outcome = {
    ...nothingAsked(config),
    mode: 'persistent',
    technology: 'overlayfs',
    store: name,
    remarks: [overlayFsRemark(root)],
  }
  return conclude(config, planOverlayFsRoot(config, root, planStoreLayers(name, store)), outcome)
}

/** The changes go to RAM: because something better could not be had, or because RAM is what was asked for. */
export function planTemporary(
  config: Config,
  facts: Facts,
  root: RootFacts,
  short: Shortfall | undefined,
): BootPlan {
  const common = { ...nothingAsked(config), mode: 'temporary', ...short } as const
  if (usesOverlayFs(config, root)) {
    const outcome: Outcome = {
      ...common,
      technology: 'overlayfs',
      remarks: [overlayFsRemark(root)],
    }
    const layers = planRamLayers(config, facts)
    return conclude(config, planOverlayFsRoot(config, root, layers), outcome)
  }
  const base = requireDevice(root)
  const ram = planRamStore(config, facts, base.device.sectors)
  const outcome: Outcome = { ...common, technology: 'dm-snapshot', storeBytes: ram.bytes }
  return conclude(config, planTemporaryRoot(config, base, ram), outcome)
}

/** The root stays as it was mounted: because nothing was asked, or read-only because nothing better could be had. */
export function planUnchanged(
  config: Config,
  mode: 'readonly' | 'untouched',
  short: Shortfall | undefined,
): BootPlan {
  const outcome: Outcome = {
    ...nothingAsked(config),
    mode,
    rootReadOnly: mode === 'readonly',
    ...short,
  }
  if (mode === 'readonly') return conclude(config, { steps: [], letGo: [] }, outcome)
  return { plan: { reasons: [formatOutcome(outcome)], steps: [] }, outcome }
}

/** Whether the root's base cannot be an origin, or was not to be one. */
function usesOverlayFs(config: Config, root: RootFacts): boolean {
  return config.overlay.overlayFs || READ_ONLY_TYPES.includes(root.mount.fsType)
}

function overlayFsRemark(root: RootFacts): string {
  return READ_ONLY_TYPES.includes(root.mount.fsType)
    ? `the base is ${root.mount.fsType}, with no file system image inside: OverlayFS keeps the changes, file by file`
    : 'OverlayFS keeps the changes, file by file: rd.live.overlay.overlayfs'
}

function requireDevice(root: RootFacts): RootFacts & { readonly device: BlockDevice } {
  const { device, mount } = root
  if (mount.root !== '/') {
    throw new RefusedError(
      `the root is the folder ${mount.root} of a file system, not all of it`,
      'The snapshot would be mounted whole; leave out rd.live.overlay=.',
    )
  }
  if (device !== undefined) return { ...root, device }
  throw new RefusedError(
    `the root is ${root.mount.fsType} from '${root.mount.source}', not a block device`,
    'A store needs a root on a block device; leave out rd.live.overlay=.',
  )
}

function nothingAsked(config: Config): Outcome {
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

function conclude(config: Config, replaced: ReplaceRoot, outcome: Outcome): BootPlan {
  const reasons = [formatOutcome(outcome), ...outcome.remarks]
  const steps = [...replaced.steps, ...planRecord(config, outcome), ...replaced.letGo]
  return { plan: { reasons, steps }, outcome }
}
