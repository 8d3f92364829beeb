import { parseFstab } from '../formats/fstab.ts'
import { findMount, mountOf, mountsBelow } from '../formats/mount-table.ts'
import { tryList } from '../machine/attempt.ts'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import { probeMachine } from '../machine/probe.ts'
import { resolveFileInside, type View, viewOf } from '../machine/resolve-inside.ts'
import { nothingAsked } from '../overlay/boot-plan.ts'
import type { Outcome } from '../overlay/outcome.ts'
import { bootRecord } from '../overlay/plan-record.ts'
import { readRecord } from '../overlay/probe-status.ts'
import { findRoot } from '../overlay/root-facts.ts'
import { bindOf, type KeptPath, type PathMount, type Words } from '../stateless/kept-path.ts'
import { coversAny } from '../stateless/paths.ts'
import { joinPaths } from '../stateless/plan-paths.ts'
import { planReadOnlyRoot, planReadOnlyView } from '../stateless/plan-read-only.ts'
import { INITIAL_STATE_FOLDER, planScratch } from '../stateless/plan-scratch.ts'
import { planState, type StatePlan } from '../stateless/plan-state.ts'
import { orderMounts } from '../stateless/plan-table.ts'
import { probeRwtab, probeStatetab, readInside } from '../stateless/probe-lists.ts'
import {
  isReadOnlyMount,
  probeKept,
  probePath,
  probeRwtabPath,
  probeStatetabPath,
} from '../stateless/probe-paths.ts'
import { formatRemark } from '../stateless/remark.ts'
import { parseSettings, SETTINGS_FILE } from '../stateless/settings.ts'
import { planStatelessRecord } from '../stateless/plan-stateless-record.ts'
import { formatStateless, listedPath, type StatelessOutcome } from '../stateless/stateless-outcome.ts'
import { requireRoot } from './boot-root.ts'
import { missState, waitsForShell } from './miss-state.ts'
import { mountScratch, mountState } from './mount-backing.ts'
import type { Planning } from './planning.ts'
import type { StatelessContext } from './stateless-context.ts'
import { StatelessRun } from './stateless-run.ts'

const FSTAB_FILE = '/etc/fstab'

/**
 * Makes the paths of rwtab and statetab writable in the root, as it has become by the overlay, where its readonly-root file or
 * the kernel command line asks for it. A path that fails takes no other with it. undefined when nothing was asked or all
 * has been done already.
 */
export function bootStateless(
  planning: Planning,
  overlay: Outcome | undefined,
): StatelessOutcome | undefined {
  const { system, newRoot, config, givenFacts, log } = planning
  if (givenFacts !== undefined) return undefined
  const image = viewOf(newRoot)
  const settings = parseSettings(readInside(system, image, SETTINGS_FILE), config.readOnlyRoot)
  if (!settings.wanted || waitsForShell(planning, overlay)) return undefined
  const facts = probeMachine(system, newRoot)
  const isDone = [SCRATCH_FOLDER, STATE_FOLDER].some((at) => findMount(facts.mounts, at))
  if (isDone) return undefined
  const root = requireRoot(facts)
  for (const remark of settings.remarks) log.warn(formatRemark(remark))
  const fstab = parseFstab(readInside(system, image, FSTAB_FILE))
  const isListed = probeStatetab(system, image, undefined).entries.length > 0
  const run = new StatelessRun(planning)
  const context = { planning, settings, fstab, facts, root, image, isListed, run }
  const outcome = setUp(context, overlay)
  record(planning, overlay, outcome)
  return outcome
}

/** Leaves word, and says in one line what became of the listed paths. */
function record(
  { config, runner, system, log }: Planning,
  overlay: Outcome | undefined,
  outcome: StatelessOutcome,
): void {
  // An overlay that was made by an earlier run has its record.
  const before = overlay === undefined ? readRecord(system) : undefined
  const of = before ?? bootRecord(config, overlay ?? nothingAsked(config))
  const line = formatStateless(outcome)
  runner.run({ reasons: [line], steps: planStatelessRecord(of, outcome) })
  if (runner.dry) return
  if (outcome.why === undefined) log.info(line)
  else log.warn(line)
  if (outcome.hint !== undefined) log.info(outcome.hint)
}

function setUp(context: StatelessContext, overlay: Outcome | undefined): StatelessOutcome {
  const { settings, root, run, planning } = context
  const hasOverlay = overlay !== undefined && overlay.technology !== 'none'
  if (settings.readOnly && !hasOverlay) run.need(planReadOnlyRoot(root.mount))
  const scratch = mountScratch(context)
  const state = mountState(context)
  const without = state.why === undefined ? 'go on' : missState(context, state.why)
  if (without === 'stop') return nothingSetUp(context)
  const volatile = scratch === undefined ? [] : fillScratch(context, without === 'all volatile')
  const kept = state.name === undefined ? undefined : prepareState(context, volatile)
  const mounted = mountAll(context, volatile, kept, scratch !== undefined)
  if (settings.readOnly) keepReadOnly(context, volatile, kept?.paths ?? [])
  const listed = (lasts: KeptPath['lasts']) =>
    mounted.flatMap(({ shows }) => shows.filter((path) => path.lasts === lasts).map(listedPath))
  return {
    scratch,
    volatile: listed('boot'),
    state: state.name,
    kept: listed('state'),
    rootReadOnly: settings.readOnly || (planning.runner.dry ? false : isReadOnlyMount(root.mount)),
    ...run.shortfall(),
  }
}

function nothingSetUp({ root, run }: StatelessContext): StatelessOutcome {
  const rootReadOnly = isReadOnlyMount(root.mount)
  const nothing = { scratch: undefined, volatile: [], state: undefined, kept: [] }
  return { ...nothing, rootReadOnly, ...run.shortfall() }
}

/** The last word on the root: what had to be made in it has been made. */
function keepReadOnly(
  context: StatelessContext,
  volatile: readonly KeptPath[],
  kept: readonly KeptPath[],
): void {
  const { planning, run, image } = context
  const { system, newRoot, runner } = planning
  const now = findRoot(probeMachine(system, newRoot))
  if (now !== undefined && !runner.dry) run.need(planReadOnlyRoot(now.mount))
  const path = resolveFileInside(system, image, FSTAB_FILE)
  const covers = (paths: readonly KeptPath[]) =>
    path !== undefined && coversAny(paths.map((each) => each.path))(path)
  const lies = covers(kept) ? 'state' : covers(volatile) ? 'scratch' : 'image'
  const place = path === undefined ? undefined : ({ at: image(path), lies } as const)
  run.need(planReadOnlyView(readInside(system, image, FSTAB_FILE), place))
}

/** Mounts below the root that were there before, as seen inside it. */
function foreignMountPoints({ planning, facts }: StatelessContext): string[] {
  const { newRoot } = planning
  const below = mountsBelow(facts.mounts, newRoot).map(({ mountPoint }) => mountPoint)
  return newRoot === '/' ? below : below.map((point) => point.slice(newRoot.length))
}

function reservedFolders({ settings }: StatelessContext): string[] {
  return [settings.scratchName, settings.stateName]
}

/** With `keptToo` what is to be kept is copied as well, and lost. */
function fillScratch(context: StatelessContext, keptToo: boolean): readonly KeptPath[] {
  const { planning, image, run } = context
  const { system } = planning
  const lists = probeRwtab(system, image)
  const kept = keptToo ? probeStatetab(system, image, undefined).entries : []
  const entries = [...lists.entries, ...kept.map((entry) => ({ ...entry, seed: 'files' as const }))]
  const plan = planScratch(
    image,
    entries.map((entry) => probeRwtabPath(system, image, entry)),
    foreignMountPoints(context),
    reservedFolders(context),
    tryList(system, INITIAL_STATE_FOLDER).map((name) => `/${name}`),
  )
  say(context, lists.remarks.map(formatRemark), plan)
  run.tryEach(plan.seed)
  return plan.paths
}

/** The root as it will be once scratch is mounted. */
function viewWith({ image }: StatelessContext, volatile: readonly KeptPath[]): View {
  const isVolatile = coversAny(volatile.map(({ path }) => path))
  return (path) => (isVolatile(path) ? `${SCRATCH_FOLDER}${path}` : image(path))
}

function prepareState(context: StatelessContext, volatile: readonly KeptPath[]): StatePlan {
  const { planning, image, run, settings } = context
  const { system, runner } = planning
  const folder = runner.dry ? undefined : STATE_FOLDER
  const view = viewWith(context, volatile)
  const lists = probeStatetab(system, image, folder)
  const isVolatile = coversAny(volatile.map(({ path }) => path))
  const mounts = run.mounts()
  const isWritable = (path: string) => {
    if (isVolatile(path)) return true
    const mount = mountOf(mounts, image(path))
    return mount !== undefined && !isReadOnlyMount(mount)
  }
  const look = runner.dry ? image : view
  const plan = planState(
    view,
    lists.entries.map((entry) => probeStatetabPath(system, look, entry, isWritable, folder)),
    foreignMountPoints(context),
    reservedFolders(context),
    settings.slaves,
  )
  say(context, lists.remarks.map(formatRemark), plan)
  run.seed(view, plan.seeds)
  run.tryEach(plan.prepare)
  return plan
}

function mountAll(
  context: StatelessContext,
  volatile: readonly KeptPath[],
  state: StatePlan | undefined,
  hasScratch: boolean,
): readonly PathMount[] {
  const { settings, planning, run, image } = context
  const { system, runner } = planning
  const { slaves } = settings
  const others = [
    ...volatile.map((path) => bindOf(path, `${SCRATCH_FOLDER}${path.path}`, slaves)),
    ...(hasScratch ? nameOf(context, volatile, settings.scratchName, SCRATCH_FOLDER) : []),
    ...(state === undefined ? [] : nameOf(context, volatile, settings.stateName, STATE_FOLDER)),
  ]
  const plan = joinPaths(state?.mounts ?? [], others, (path) =>
    runner.dry ? { kind: 'directory', path } : probeKept(system, STATE_FOLDER, path),
  )
  say(context, [], plan)
  return run.mountPaths(image, orderMounts(plan.mounts))
}

/** RW_MOUNT and STATE_MOUNT show what lies elsewhere; an image without such a folder does without the name. */
function nameOf(
  context: StatelessContext,
  volatile: readonly KeptPath[],
  name: string,
  from: string,
): PathMount[] {
  const view = context.planning.runner.dry ? context.image : viewWith(context, volatile)
  const { path, kind } = probePath(context.planning.system, view, name)
  if (path === undefined || kind !== 'directory') return []
  const origin = { file: SETTINGS_FILE, line: 0 }
  return [bindOf({ path, kind, lasts: 'name', mode: 'bind', origin }, from, false)]
}

function say({ planning, run }: StatelessContext, remarks: readonly string[], words: Words): void {
  for (const text of [...remarks, ...words.remarks]) planning.log.warn(text)
  for (const text of words.shortfalls) run.miss(text)
}
