import { formatDeviceSpec } from '../cmdline/device-spec.ts'
import { formatStoreSpec } from '../cmdline/store-spec.ts'
import { CommandError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { tryLine } from '../machine/attempt.ts'
import { type Facts, findDeviceByNumber } from '../machine/facts.ts'
import { locate } from '../machine/locate.ts'
import { LIVE_MARK_FILE, MEDIUM_FOLDER } from '../machine/places.ts'
import { probeContent } from '../machine/probe.ts'
import type { Outcome, Shortfall } from '../overlay/outcome.ts'
import { type Asked, planPersistent } from '../overlay/plan-persistent.ts'
import { type PersistentStore, planReach } from '../overlay/plan-reach.ts'
import { ROOT_DM } from '../overlay/plan-snapshot.ts'
import { probeBinding } from '../overlay/probe-binding.ts'
import { probeStore } from '../overlay/probe-store.ts'
import type { RootFacts } from '../overlay/root-facts.ts'
import { autoStorePath } from '../overlay/store-path.ts'
import { planModules } from '../plan/plan-modules.ts'
import type { BootContext } from './boot-context.ts'
import { carryOutReach } from './carry-out-reach.ts'
import { growStore } from './grow-at-boot.ts'
import { lookAtRoot } from './look-at-root.ts'

/**
 * Gives the root its store. Where it cannot be mounted then (the replay of its journal has run the store full, say) that is tried once
 * more: with a store that has grown, or with one that is only read. `unmounted` says why it could not be mounted before.
 */
export function bootPersistent(
  context: BootContext,
  store: PersistentStore,
  unmounted?: Shortfall,
): Outcome {
  const { runner, log } = context
  const asked = reachAsked(context, store)
  const grown = growStore(context, asked)
  const why = grown === asked.store ? unmounted : undefined
  const { plan, outcome } = planPersistent({ ...asked, store: grown, unmounted: why })
  try {
    runner.run(plan)
    return outcome
  } catch (error) {
    if (outcome.mode !== 'persistent' || !isMountOfRoot(error)) throw error
    for (const trouble of runner.walkBack()) log.warn(trouble)
    log.warn(`${error.message}, trying again`)
    const hint = `See what is wrong with it: holdfast check ${asked.name}`
    return bootPersistent({ ...context, facts: context.probe() }, store, {
      why: error.message,
      hint,
    })
  }
}

function isMountOfRoot(error: unknown): error is CommandError {
  return error instanceof CommandError && error.argv.includes(`/dev/mapper/${ROOT_DM}`)
}

/** Mounts the persistence device and looks at the store on it. */
function reachAsked(context: BootContext, store: PersistentStore): Asked {
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
  return { config, facts, root, name, store: found, binding }
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
