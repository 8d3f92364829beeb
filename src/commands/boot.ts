import { DEGRADED, RefusedError } from '../errors.ts'
import type { Facts } from '../machine/facts.ts'
import { probeWithDevice, waitForDevice } from '../machine/locate.ts'
import { isInitramfs, probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { findMadeRoot, planAdopted } from '../overlay/adopt.ts'
import { formatOutcome, type Outcome } from '../overlay/outcome.ts'
import type { PersistentStore } from '../overlay/plan-reach.ts'
import { findRoot, requireRoot } from '../overlay/root-facts.ts'
import { bootRoot } from './boot-root.ts'
import { bootStateless } from './boot-stateless.ts'
import { bootWatched } from './boot-watched.ts'
import type { Args, Command } from './command.ts'
import { leaveMonitor } from './leave-monitor.ts'
import { openRunFolder } from './open-run-folder.ts'
import { logConfig, openPlanning, PLANNING_OPTIONS, type Planning } from './planning.ts'

/*
 * Before: the root is mounted at $NEWROOT, read-only, from a block device that must not be written to.
 * After: at the same place the same root, whose changes go to the store that rd.live.overlay= names, or to RAM;
 * /run/holdfast/boot.json says which, and why. If anything fails, the root is back as it was before.
 */
export const boot: Command = {
  name: 'boot',
  summary: 'Set up the store under the mounted root, as the kernel command line asks',
  options: PLANNING_OPTIONS,
  examples: [
    ['holdfast boot --dry-run', 'see what the next boot will do'],
    ['holdfast boot --dry-run --facts f.json', 'the same for another machine'],
  ],
  run: runBoot,
}

function runBoot(system: System, args: Args): number {
  const planning = openPlanning(system, args)
  if (!planning.runner.dry && !isInitramfs(system)) {
    throw new RefusedError(
      'the system already runs from the root that would be taken apart',
      "dracut's pre-pivot hook runs this by itself; see the plan with --dry-run.",
    )
  }
  logConfig(planning)
  return planning.runner.dry ? setUp(planning) : bootWatched(planning, setUp)
}

function setUp(planning: Planning): number {
  const facts = probeNow(planning)
  const outcome = makeRoot(planning, facts)
  const hasOverlay = outcome !== undefined && outcome.technology !== 'none'
  if (hasOverlay) openRunFolder(planning, facts)
  if (outcome !== undefined) {
    leaveMonitor(planning, outcome)
    sayOutcome(planning, outcome)
  }
  const stateless = bootStateless(planning, outcome)
  if (stateless !== undefined && !hasOverlay) openRunFolder(planning, facts)
  const isLess = [outcome, stateless].some((each) => each?.why !== undefined)
  if (planning.bugs.length > 0) throw planning.bugs[0]
  return isLess ? DEGRADED : 0
}

/** What an earlier run or stock dracut made is kept. undefined when there was nothing left to do. */
function makeRoot(planning: Planning, facts: Facts): Outcome | undefined {
  const { config, runner, givenFacts } = planning
  const made = findMadeRoot(facts, findRoot(facts))
  if (made === undefined) {
    // No policy can do anything about a root that is not there.
    if (config.overlay.store.kind !== 'untouched') requireRoot(facts)
    const probes = { probe: () => probeNow(planning), waitFor: waiter(planning) }
    return bootRoot({ ...planning, ...probes, facts, here: givenFacts === undefined })
  }
  const { plan, outcome } = planAdopted(config, made)
  runner.run(plan)
  return outcome
}

/** This machine, with the content of the persistence device where it is there; or the one that --facts describes. */
function probeNow({ system, newRoot, config, givenFacts }: Planning): Facts {
  const { store } = config.overlay
  if (givenFacts !== undefined) return givenFacts
  return store.kind === 'persistent'
    ? probeWithDevice(system, newRoot, store.device)
    : probeMachine(system, newRoot)
}

/** A dry run does not wait for a device. */
function waiter(planning: Planning): (store: PersistentStore) => Facts {
  const { system, newRoot, config, runner, log } = planning
  if (runner.dry) return () => probeNow(planning)
  return ({ device }) => waitForDevice(system, newRoot, device, config.timeoutSeconds, log.info)
}

function sayOutcome({ log, runner }: Planning, outcome: Outcome): void {
  if (runner.dry || outcome.mode === 'untouched') return
  const line = formatOutcome(outcome)
  if (outcome.why === undefined) log.info(line)
  else log.warn(line)
  for (const remark of [outcome.hint, ...outcome.remarks]) {
    if (remark !== undefined) log.info(remark)
  }
  for (const warning of outcome.warnings ?? []) log.warn(warning)
}
