import type { Config } from '../cmdline/config.ts'
import type { Facts } from '../machine/facts.ts'
import {
  type BootPlan,
  conclude,
  nothingAsked,
  overlayFsRemark,
  requireDevice,
  usesOverlayFs,
} from './boot-plan.ts'
import { formatOutcome, type Outcome, type Shortfall } from './outcome.ts'
import { planOverlayFsRoot, planRamLayers } from './plan-overlayfs.ts'
import { planRamStore } from './plan-ram.ts'
import { planTemporaryRoot } from './plan-snapshot.ts'
import type { RootFacts } from './root-facts.ts'

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
