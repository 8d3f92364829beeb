import { parseFstab } from '../formats/fstab.ts'
import { findMount } from '../formats/mount-table.ts'
import { tryText } from '../machine/attempt.ts'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import { probeMachine } from '../machine/probe.ts'
import { resolveFileInside, viewOf } from '../machine/resolve-inside.ts'
import { nothingAsked } from '../overlay/boot-plan.ts'
import type { Outcome } from '../overlay/outcome.ts'
import { bootRecord } from '../overlay/plan-record.ts'
import { findRoot, requireRoot } from '../overlay/root-facts.ts'
import { judgeFstab } from '../stateless/judge-fstab.ts'
import type { KeptPath, PathMount } from '../stateless/kept-path.ts'
import { coversAny } from '../stateless/paths.ts'
import { planReadOnlyRoot, planReadOnlyView } from '../stateless/plan-read-only.ts'
import type { StatePlan } from '../stateless/plan-state.ts'
import { planStatelessRecord } from '../stateless/plan-stateless-record.ts'
import { planUserTable, USER_TABLE_FILE } from '../stateless/plan-user-table.ts'
import { probeStatetab, readInside } from '../stateless/probe-lists.ts'
import { isReadOnlyMount } from '../stateless/probe-paths.ts'
import { formatRemark } from '../stateless/remark.ts'
import { parseSettings, SETTINGS_FILE } from '../stateless/settings.ts'
import {
  formatStateless,
  listedPath,
  type StatelessOutcome,
} from '../stateless/stateless-outcome.ts'
import { readRecord } from '../status/probe-status.ts'
import { fillScratch, type Scratch } from './fill-scratch.ts'
import { missState, waitsForShell } from './miss-state.ts'
import { mountScratch, mountState } from './mount-backing.ts'
import { mountListed } from './mount-listed.ts'
import type { Planning } from './planning.ts'
import { prepareState } from './prepare-state.ts'
import { shortfallOf } from './shortfall-of.ts'
import type { StatelessContext } from './stateless-context.ts'
import { StatelessRun } from './stateless-run.ts'

const FSTAB_FILE = '/etc/fstab'

/**
 * Makes the paths of rwtab and statetab writable in the root, as it has become by the overlay, where its readonly-root
 * file or the kernel command line asks for it. A path that fails takes no other with it. undefined when nothing was
 * asked or all has been done already.
 */
export function bootStateless(
  planning: Planning,
  overlay: Outcome | undefined,
): StatelessOutcome | undefined {
  const { system, newRoot, config, givenFacts, log } = planning
  if (givenFacts !== undefined) return undefined
  const image = viewOf(newRoot)
  const settings = parseSettings(readInside(system, image, SETTINGS_FILE), config.readOnlyRoot)
  // Who wrote what is not understood may believe that it was.
  for (const remark of settings.remarks) log.warn(formatRemark(remark))
  if (!settings.wanted || waitsForShell(planning, overlay)) return undefined
  const facts = probeMachine(system, newRoot)
  if ([SCRATCH_FOLDER, STATE_FOLDER].some((at) => findMount(facts.mounts, at))) return undefined
  const root = requireRoot(facts)
  const fstab = parseFstab(readInside(system, image, FSTAB_FILE))
  const isListed = probeStatetab(system, image, undefined).entries.length > 0
  const run = new StatelessRun(planning)
  const context = { planning, settings, fstab, facts, root, image, isListed, run }
  const outcome = setUpOrNothing(context, overlay)
  record(planning, overlay, outcome)
  return outcome
}

/** Whatever is thrown, nothing is left mounted of which the record does not tell. */
function setUpOrNothing(context: StatelessContext, overlay: Outcome | undefined): StatelessOutcome {
  try {
    return setUp(context, overlay)
  } catch (error) {
    const { planning, run } = context
    const { why, hint = '' } = shortfallOf(planning, error)
    run.walkBack()
    if (planning.config.state === 'degraded') run.miss(why, hint)
    else missState(context, why, hint)
    return nothingSetUp(context)
  }
}

function setUp(context: StatelessContext, overlay: Outcome | undefined): StatelessOutcome {
  const { settings, root, run } = context
  // undefined: an earlier run has made it.
  const hasOverlay = overlay?.technology !== 'none'
  // What has to be made in the root is made in the overlay, never in the image.
  if (settings.readOnly && !hasOverlay) run.need(planReadOnlyRoot(root.mount))
  const scratchName = mountScratch(context)
  const state = mountState(context)
  const without = state.why === undefined ? 'go on' : missState(context, state.why, state.hint)
  if (without === 'stop') return nothingSetUp(context)
  const scratch =
    scratchName === undefined ? undefined : fillScratch(context, without === 'all volatile')
  const kept = state.name === undefined ? undefined : prepareState(context, scratch)
  const mounted = mountListed(context, scratch, kept)
  if (settings.readOnly) keepReadOnly(context, scratch, kept, mounted)
  leaveToShutdown(context, mounted)
  const shown = mounted.flatMap(({ shows }) => shows)
  const of = (lasts: KeptPath['lasts']) => shown.filter((path) => path.lasts === lasts)
  const [volatile, keptPaths] = [of('boot'), of('state')]
  for (const remark of judgeFstab(context.fstab, [...volatile, ...keptPaths])) {
    context.planning.log.warn(remark)
  }
  return {
    scratch: scratchName,
    volatile: volatile.map(listedPath),
    state: state.name,
    kept: keptPaths.map(listedPath),
    rootReadOnly: settings.readOnly || isReadOnlyMount(root.mount),
    ...run.shortfall(),
  }
}

/** systemd is told that the mounts are not its own to take down. That it cannot be told is no reason to say more. */
function leaveToShutdown({ planning, run }: StatelessContext, mounted: readonly PathMount[]): void {
  const { system, newRoot, runner, log } = planning
  if (runner.dry) return
  const paths = mounted.map(({ path }) => path)
  const before = tryText(system, USER_TABLE_FILE)
  const why = run.attempt(planUserTable(before, newRoot, paths, run.mounts()))
  if (why !== undefined) log.info(why)
}

function nothingSetUp({ root, run }: StatelessContext): StatelessOutcome {
  const rootReadOnly = isReadOnlyMount(root.mount)
  const nothing = { scratch: undefined, volatile: [], state: undefined, kept: [] }
  return { ...nothing, rootReadOnly, ...run.shortfall() }
}

/** The last word on the root: what had to be made in it has been made. */
function keepReadOnly(
  { planning, run, image }: StatelessContext,
  scratch: Scratch | undefined,
  kept: StatePlan | undefined,
  mounted: readonly PathMount[],
): void {
  const { system, newRoot, runner } = planning
  const now = findRoot(probeMachine(system, newRoot))
  if (now !== undefined && !runner.dry) run.need(planReadOnlyRoot(now.mount))
  const path = resolveFileInside(system, image, FSTAB_FILE) ?? FSTAB_FILE
  const isKept = coversAny((kept?.paths ?? []).map((each) => each.path))
  // In a layer it can be written, and is as the image has it again after the next boot.
  const inLayer = coversAny(
    mounted.filter(({ type }) => type === 'overlay').map((mount) => mount.path),
  )
  const isVolatile = scratch?.covers(path) || inLayer(path)
  const lies = isKept(path) ? 'state' : isVolatile ? 'scratch' : 'image'
  run.need(planReadOnlyView(readInside(system, image, FSTAB_FILE), { at: image(path), lies }))
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
