import type { Config } from '../cmdline/config.ts'
import { RefusedError } from '../errors.ts'
import type { Facts } from '../machine/facts.ts'
import {
  type BootPlan,
  conclude,
  type DeviceRoot,
  nothingAsked,
  overlayFsRemark,
  requireDevice,
  usesOverlayFs,
} from './boot-plan.ts'
import { type FitStore, judgeStore } from './judge-store.ts'
import type { Outcome, Shortfall } from './outcome.ts'
import { type Binding, type Bound, planBinding } from './plan-binding.ts'
import { isResetDue, planFormat } from './plan-format.ts'
import { chooseGrowth, judgeRoom } from './plan-full-store.ts'
import type { Growth } from './plan-grow.ts'
import { planOverlayFsRoot, planStoreLayers } from './plan-overlayfs.ts'
import { planRamStore } from './plan-ram.ts'
import { planPersistentRoot, planReadOnlyStoreRoot } from './plan-snapshot.ts'
import type { RootFacts } from './root-facts.ts'
import { isSparse, type StoreFacts } from './store-facts.ts'

/** A store that was asked for, and all that the decision about it needs. */
export interface Asked {
  readonly config: Config
  readonly facts: Facts
  readonly root: RootFacts
  /** DEVICE:PATH */
  readonly name: string
  readonly store: StoreFacts
  /** undefined for a dry run that has seen neither store nor record. */
  readonly binding: Binding | undefined
  /** Why the root could not be mounted with this store being written to. */
  readonly unmounted?: Shortfall | undefined
}

/**
 * The root keeps its changes in the store; in one that is full they can be read. Throws a RefusedError when the store
 * cannot be trusted, or belongs to another base.
 */
export function planPersistent(asked: Asked): BootPlan {
  const { config, root, name, binding } = asked
  if (usesOverlayFs(config, root)) return planPersistentFiles(asked)
  const judged = judgePersistent(asked)
  const { fit, base, bound } = judged
  if (config.overlay.readOnly) {
    return planReadOnly(asked, judged, {
      remarks: ['the store is only read: rd.live.overlay.readonly'],
    })
  }
  const short = judgeRoom(name, fit, base.device.sectors) ?? asked.unmounted
  if (short !== undefined) return planReading(asked, judged, short)
  const format = planFormat(fit, config.overlay.reset, binding?.found)
  const outcome: Outcome = {
    ...nothingAsked(config),
    mode: 'persistent',
    technology: 'dm-snapshot',
    store: name,
    usedBytes: fit.usedBytes,
    storeBytes: fit.bytes,
    remarks: [...format.remarks, ...(isSparse(fit) ? [SPARSE] : []), ...(bound?.remarks ?? [])],
    warnings: bound?.warnings.length ? bound.warnings : undefined,
  }
  // Emptied before it is bound: a power cut between leaves an empty store, which belongs to no base.
  const prepared = [...format.steps, ...(bound?.steps ?? [])]
  return conclude(config, planPersistentRoot(config, base, fit, prepared), outcome)
}

const SPARSE = 'the store is sparse: when its file system runs full, the store is lost'

/**
 * How the store is made longer before it is attached; undefined where that is not needed or not possible. Throws a
 * RefusedError where planPersistent would: a store that is not to be used is not touched.
 */
export function planGrowth(asked: Asked): Growth | undefined {
  if (usesOverlayFs(asked.config, asked.root)) return undefined
  const { fit, base } = judgePersistent(asked)
  return asked.config.overlay.readOnly ? undefined : chooseGrowth(fit, base.device.sectors)
}

interface Judged {
  readonly fit: FitStore
  readonly base: DeviceRoot
  readonly bound: Bound | undefined
}

function judgePersistent({ config, root, name, store, binding }: Asked): Judged {
  const { reset } = config.overlay
  const fit = judgeStore(name, store, isResetDue(reset, binding?.found))
  const base = requireDevice(root)
  return { fit, base, bound: binding && planBinding(name, root, fit, binding, reset) }
}

/** Base and store below a store in RAM, so that all that was kept can be read. */
function planReadOnly(
  { config, facts, name }: Asked,
  { fit, base }: Judged,
  more: Partial<Outcome>,
): BootPlan {
  const ram = planRamStore(config, facts, base.device.sectors)
  const outcome: Outcome = {
    ...nothingAsked(config),
    mode: 'temporary',
    technology: 'dm-snapshot',
    store: name,
    ...more,
  }
  return conclude(config, planReadOnlyStoreRoot(config, base, fit, ram), outcome)
}

/** rd.holdfast.onfail= counts here too; where the machine is to come up, it comes up with all that was kept. */
function planReading(asked: Asked, judged: Judged, short: Shortfall): BootPlan {
  const { config } = asked
  switch (judged.fit.holdsChanges ? config.onFail : undefined) {
    case 'temporary':
      return planReadOnly(asked, judged, short)
    case 'readonly': {
      const readOnly = { ...config, rootFlags: [...config.rootFlags, 'ro'] }
      return planReadOnly({ ...asked, config: readOnly }, judged, { ...short, mode: 'readonly' })
    }
    default:
      throw new RefusedError(short.why, short.hint ?? '')
  }
}

function planPersistentFiles({ config, root, name, store }: Asked): BootPlan {
  if (config.overlay.readOnly) {
    throw new RefusedError(
      'rd.live.overlay.readonly is not there for OverlayFS roots',
      'Leave it out, or leave out rd.live.overlay= for a root whose changes are not kept.',
    )
  }
  const { reset } = config.overlay
  const notReset = reset && `${reset.asked}: a directory is not emptied, do it by hand`
  const outcome: Outcome = {
    ...nothingAsked(config),
    mode: 'persistent',
    technology: 'overlayfs',
    store: name,
    remarks: [overlayFsRemark(root), ...(notReset === undefined ? [] : [notReset])],
  }
  return conclude(config, planOverlayFsRoot(config, root, planStoreLayers(name, store)), outcome)
}
