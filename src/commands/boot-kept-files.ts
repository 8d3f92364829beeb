import { CommandError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { attempt } from '../machine/attempt.ts'
import { STATE_FOLDER } from '../machine/places.ts'
import type { View } from '../machine/resolve-inside.ts'
import { executor } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import type { LayerFolder } from '../stateless/kept-files/layer-facts.ts'
import { filesPlaces } from '../stateless/kept-files/places.ts'
import { planEmpty, planFill, planLabels } from '../stateless/kept-files/plan-fill.ts'
import { planHarvest } from '../stateless/kept-files/plan-harvest.ts'
import { bindInstead } from '../stateless/kept-files/plan-kept-files.ts'
import { planDeletions, planRecord } from '../stateless/kept-files/plan-mounts.ts'
import { probeHarvest } from '../stateless/kept-files/probe-harvest.ts'
import { probePlaces, probeVersions, probeWays } from '../stateless/kept-files/probe-layers.ts'
import type { Place } from '../stateless/kept-files/record.ts'
import { findTypeHindrance } from '../stateless/kept-files/upper-types.ts'
import type { PathMount } from '../stateless/kept-path.ts'
import type { StatePlan } from '../stateless/plan-state.ts'
import type { StatelessContext } from './stateless-context.ts'

/** How kept files can be shown on this boot. */
export interface FilesAsked {
  /** Why each is to be a mount point of its own; undefined for OverlayFS. */
  readonly hindrance: string | undefined
  readonly deleted: readonly Place[]
  /** Whether the layer may be emptied: all of it has been brought to its place, or nothing was in it. */
  readonly isHarvested: boolean
}

/**
 * Brings the newest version of each kept file to its place on the state device, which is mounted, whatever becomes of it
 * then. Where that fails the layers are left as they are.
 */
export function harvestFiles(context: StatelessContext): FilesAsked {
  const { planning, run } = context
  const { system, runner, config, log } = planning
  const asked = config.files === 'bind' ? 'rd.holdfast.files=bind asks for it' : undefined
  // It has mounted nothing that could be looked at.
  if (runner.dry) return { hindrance: asked, deleted: [], isHarvested: false }
  const facts = probeHarvest(system, STATE_FOLDER)
  if (facts.kind === 'unfit') {
    run.miss(`on the state device ${facts.why}: it is left alone`, REMOVE)
    return { hindrance: `on the state device ${facts.why}`, deleted: [], isHarvested: false }
  }
  const hindrance = asked ?? findTypeHindrance(findMount(run.mounts(), STATE_FOLDER)?.fsType)
  if (facts.kind === 'none') return { hindrance, deleted: [], isHarvested: true }
  const { steps, deleted, remarks } = planHarvest(STATE_FOLDER, facts)
  const why = carryOut(context, steps)
  if (why === undefined) {
    for (const remark of remarks) log.info(remark)
    return { hindrance, deleted, isHarvested: true }
  }
  run.miss(why)
  return { hindrance: why, deleted, isHarvested: false }
}

const REMOVE = 'Remove .holdfast from the state device, unless it has something of use.'

const UNSEEN =
  'what .holdfast on the state device has is brought to its place, and kept files are laid into it, before it is mounted'

/** Copying what is kept takes as long as there is much of it. */
const FILL_TIMEOUT_MS = 600_000

/** Lays the kept files into the layer; gives the reason where that fails, and leaves it empty. */
export function fillLayer(
  context: StatelessContext,
  view: View,
  folders: readonly LayerFolder[],
  { isHarvested }: FilesAsked,
): string | undefined {
  const { system, runner } = context.planning
  if (runner.dry) {
    // A script that empties a layer from which nothing was harvested would lose what is in it.
    if (folders.length > 0) runner.run({ reasons: [UNSEEN], steps: [] })
    return undefined
  }
  const isThere = system.exists(filesPlaces(STATE_FOLDER).layer)
  const empty = () =>
    isThere && isHarvested ? carryOut(context, planEmpty(STATE_FOLDER)) : undefined
  if (folders.length === 0) return empty()
  const ways = [...probeWays(system, view, folders), ...probePlaces(system, STATE_FOLDER, folders)]
  const why =
    carryOut(context, planFill(STATE_FOLDER, folders, ways)) ?? recordLayer(context, folders)
  if (why !== undefined) carryOut(context, planEmpty(STATE_FOLDER))
  return why
}

/** Gives the folders of the layer the root's labels of SELinux, whose policy the root loads later; whether they have them. */
export function labelLayer(
  context: StatelessContext,
  view: View,
  folders: readonly LayerFolder[],
): boolean {
  const { system, runner, log } = context.planning
  if (runner.dry) return true
  const ways = probeWays(system, view, folders)
  const why = carryOut(context, planLabels(STATE_FOLDER, view, ways))
  if (why !== undefined) log.warn(`${why}: systemd gives all files beside the kept ones new labels`)
  return why === undefined
}

function recordLayer(
  context: StatelessContext,
  folders: readonly LayerFolder[],
): string | undefined {
  const { system } = context.planning
  const { record } = filesPlaces(STATE_FOLDER)
  const before = attempt(() => system.readText(record), undefined)
  const versions = probeVersions(system, STATE_FOLDER, folders)
  return carryOut(context, planRecord(STATE_FOLDER, folders, versions, before))
}

/** After the mounts. The files of a folder that did not get OverlayFS are mounted one by one; gives those mounts. */
export function finishLayer(
  context: StatelessContext,
  { layers: folders, mounts }: StatePlan,
  mounted: readonly PathMount[],
): readonly PathMount[] {
  const { planning, run, image, settings } = context
  const isThere = ({ folder }: LayerFolder) =>
    mounted.some(({ path, type }) => type === 'overlay' && path === folder)
  const there = folders.filter(isThere)
  const others = folders.filter((folder) => !isThere(folder))
  const why = carryOut(context, planDeletions(image, there))
  if (why !== undefined) planning.log.warn(why)
  if (others.length === 0) return []
  for (const { path } of others.flatMap(({ awaited }) => awaited)) {
    planning.log.warn(`${path} is not kept either when it is made`)
  }
  const unrecorded = recordLayer(context, there)
  if (unrecorded !== undefined) planning.log.warn(unrecorded)
  const binds = others.flatMap((folder) => bindInstead(folder, mounts, settings.slaves))
  return run.mountPaths(image, binds)
}

/** Does the steps, of which none is taken back: after each of them nothing is lost. */
function carryOut({ planning }: StatelessContext, steps: readonly Step[]): string | undefined {
  const { runner, system } = planning
  const stage = runner.dry ? runner : executor(system, FILL_TIMEOUT_MS)
  try {
    stage.run({ reasons: [], steps })
    return undefined
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return error.message
  }
}
