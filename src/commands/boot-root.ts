import type { OnFail } from '../cmdline/config.ts'
import { formatDeviceSpec } from '../cmdline/device-spec.ts'
import { formatStoreSpec } from '../cmdline/store-spec.ts'
import { RefusedError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { tryLine } from '../machine/attempt.ts'
import { type Facts, findDeviceByNumber } from '../machine/facts.ts'
import { locate } from '../machine/locate.ts'
import { LIVE_MARK_FILE, MEDIUM_FOLDER, RECORD_FOLDER } from '../machine/places.ts'
import { probeContent } from '../machine/probe.ts'
import type { BootPlan } from '../overlay/boot-plan.ts'
import type { Outcome, Shortfall } from '../overlay/outcome.ts'
import { planTemporary, planUnchanged } from '../overlay/plan-fallback.ts'
import { planPersistent } from '../overlay/plan-persistent.ts'
import { type PersistentStore, planReach } from '../overlay/plan-reach.ts'
import { probeBinding } from '../overlay/probe-binding.ts'
import { probeRoot } from '../overlay/probe-root.ts'
import { probeStore } from '../overlay/probe-store.ts'
import { findRoot, type RootFacts } from '../overlay/root-facts.ts'
import { autoStorePath } from '../overlay/store-path.ts'
import { planModules } from '../plan/plan-modules.ts'
import { formatPrintable } from '../printable.ts'
import type { BootContext } from './boot-context.ts'
import { carryOutReach } from './carry-out-reach.ts'
import { growStore } from './grow-at-boot.ts'
import { shortfallOf } from './shortfall-of.ts'

/**
 * Gives the mounted root what the configuration asks for, or, where that cannot be had, what rd.holdfast.onfail=
 * says; the base is back in its place then. Returns what the boot comes to.
 */
export function bootRoot(context: BootContext): Outcome {
  const { config } = context
  const { store } = config.overlay
  try {
    switch (store.kind) {
      case 'untouched':
        return carryOut(context, planUnchanged(config, 'untouched', undefined))
      case 'none':
        return carryOut(context, planUnchanged(config, 'readonly', undefined))
      case 'temporary':
        return bootTemporary(context, undefined)
      case 'unusable':
        return fallBack(context, {
          why: store.why,
          hint: store.hint ?? 'holdfast explain says how the argument is read.',
        })
      case 'persistent':
        return bootPersistent(context, store)
    }
  } catch (error) {
    // Whatever it was, a bug included: the base goes back where it was.
    for (const trouble of context.runner.walkBack()) context.log.warn(trouble)
    return fallBack(context, shortfallOf(context, error))
  }
}

function bootPersistent(context: BootContext, store: PersistentStore): Outcome {
  const { config, runner, system } = context
  const there = locate(context.facts, store.device) !== undefined
  const facts = there ? context.facts : context.waitFor(store)
  const root = lookAtRoot(context, facts)
  const reach = planReach(config, facts, root, store)
  const path = store.path ?? autoPath(context, facts, root)
  const name = formatStoreSpec({ ...store, path })
  const where = `the store is ${path} on ${reach.device.node}`
  const steps = [...planModules(facts), ...reach.steps]
  carryOutReach(context, formatDeviceSpec(store.device), reach, { reasons: [where], steps })
  const looked = context.here && (!runner.dry || reach.mounted)
  const unseen = { kind: 'unseen', path: `${reach.folder}${path}` } as const
  const found = looked ? probeStore(system, facts, reach.folder, path) : unseen
  const binding = looked ? probeBinding(system, root, found) : undefined
  if (!looked) {
    runner.run({
      reasons: [
        'what the store holds is not known before its device is mounted: taken for what was asked',
      ],
      steps: [],
    })
  }
  const asked = { config, facts, root, name, store: found, binding }
  return carryOut(context, planPersistent({ ...asked, store: growStore(context, asked) }))
}

function autoPath(context: BootContext, facts: Facts, root: RootFacts): string {
  const { system, config, here } = context
  const medium = findMount(facts.mounts, MEDIUM_FOLDER) ?? root.mount
  const marked = here ? tryLine(system, LIVE_MARK_FILE) : undefined
  const device =
    facts.devices.find(({ node }) => node === marked) ?? findDeviceByNumber(facts, medium.device)
  const content =
    device?.content ?? (device && here ? probeContent(system, device.node) : undefined)
  return autoStorePath(config, content)
}

function bootTemporary(context: BootContext, short: Shortfall | undefined): Outcome {
  // After a failed attempt the machine is not what it was: loop devices have come and gone.
  const facts = short === undefined ? context.facts : context.probe()
  context.runner.run({ reasons: [], steps: planModules(facts) })
  return carryOut(context, planTemporary(context.config, facts, lookAtRoot(context, facts), short))
}

function lookAtRoot({ system, here }: BootContext, facts: Facts): RootFacts {
  const root = requireRoot(facts)
  return here ? probeRoot(system, root) : root
}

/** The mounted root; throws a RefusedError when there is none. */
export function requireRoot(facts: Facts): RootFacts {
  const root = findRoot(facts)
  if (root !== undefined) return root
  throw new RefusedError(
    `no root is mounted at ${facts.newRoot}`,
    'holdfast boot runs in dracut pre-pivot, when the root is mounted.',
  )
}

function carryOut({ runner }: BootContext, { plan, outcome }: BootPlan): Outcome {
  runner.run(plan)
  return outcome
}

/** What rd.holdfast.onfail= says; when not even that can be had, the root stays as it was mounted. */
function fallBack(context: BootContext, short: Shortfall): Outcome {
  const { config, runner, log } = context
  try {
    return policies[config.onFail](context, short)
  } catch (error) {
    for (const trouble of runner.walkBack()) log.warn(trouble)
    log.warn(shortfallOf(context, error).why)
    requireRoot(context.probe())
    return carryOut(context, planUnchanged(config, 'readonly', short))
  }
}

const policies: Readonly<Record<OnFail, (context: BootContext, short: Shortfall) => Outcome>> = {
  temporary: bootTemporary,
  readonly: (context, short) => carryOut(context, planUnchanged(context.config, 'readonly', short)),
  shell: openShell,
  reboot: (context, short) => restart(context, short, 'reboot'),
  poweroff: (context, short) => restart(context, short, 'poweroff'),
}

/** The hook opens dracut's emergency shell when it finds this file, and runs holdfast again afterwards. */
export const SHELL_FILE = `${RECORD_FOLDER}/shell`

function openShell(context: BootContext, short: Shortfall): Outcome {
  const { plan, outcome } = planUnchanged(context.config, 'readonly', short)
  const mark = {
    kind: 'write-file',
    path: SHELL_FILE,
    text: `${formatPrintable(short.why)}\n`,
  } as const
  context.runner.run({ reasons: plan.reasons, steps: [...plan.steps, mark] })
  return outcome
}

function restart(context: BootContext, short: Shortfall, how: 'reboot' | 'poweroff'): Outcome {
  const { config, runner, log } = context
  log.warn(`${how} (rd.holdfast.onfail=): ${short.why}`)
  runner.run({ reasons: [short.why], steps: [{ kind: 'restart', how }] })
  return planUnchanged(config, 'readonly', short).outcome
}
