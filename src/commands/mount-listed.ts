import { findMount } from '../formats/mount-table.ts'
import { attempt } from '../machine/attempt.ts'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import { bindOf, type PathMount } from '../stateless/kept-path.ts'
import { planLink } from '../stateless/plan-links.ts'
import { joinPaths } from '../stateless/plan-paths.ts'
import { hasPolicy, planRelabel } from '../stateless/plan-relabel.ts'
import type { StatePlan } from '../stateless/plan-state.ts'
import { orderMounts } from '../stateless/plan-table.ts'
import { readInside } from '../stateless/probe-lists.ts'
import { probeKept, probePath } from '../stateless/probe-paths.ts'
import { SETTINGS_FILE } from '../stateless/settings.ts'
import { finishLayer, labelLayer } from './boot-kept-files.ts'
import { type Scratch, sayWords } from './fill-scratch.ts'
import type { StatelessContext } from './stateless-context.ts'

/** Mounts all paths, and the names RW_MOUNT and STATE_MOUNT; gives the mounts that are there then. */
export function mountListed(
  context: StatelessContext,
  scratch: Scratch | undefined,
  state: StatePlan | undefined,
): readonly PathMount[] {
  const { settings, planning, run, image } = context
  const { system, runner } = planning
  const { slaves, scratchName, stateName } = settings
  const others = [
    ...(scratch?.paths ?? []).map((kept) => bindOf(kept, `${SCRATCH_FOLDER}${kept.path}`, slaves)),
    ...(scratch === undefined ? [] : nameOf(context, scratch, scratchName, SCRATCH_FOLDER)),
    ...(state === undefined ? [] : nameOf(context, scratch, stateName, STATE_FOLDER)),
  ]
  const plan = joinPaths(state?.mounts ?? [], others, (path) =>
    runner.dry ? { kind: 'directory', path } : probeKept(system, STATE_FOLDER, path),
  )
  sayWords(context, [], plan)
  const hasLabels = hasPolicy(readInside(system, image, '/etc/selinux/config'))
  const isLayerLabelled =
    hasLabels && labelLayer(context, scratch?.view ?? image, state?.layers ?? [])
  const mounted = run.mountPaths(image, orderMounts(plan.mounts))
  const instead = state === undefined ? [] : finishLayer(context, state, mounted)
  for (const link of state?.links ?? []) {
    const found = attempt(() => system.readLink(image(link.path)), undefined)
    run.need(planLink(image, link, found))
  }
  const all = [...mounted, ...instead]
  if (hasLabels) run.need(planRelabel(all, isLayerLabelled))
  return all
}

/**
 * RW_MOUNT and STATE_MOUNT show what lies elsewhere, where it does not lie there anyway; an image without such a folder
 * does without the name.
 */
function nameOf(
  { planning, image, run }: StatelessContext,
  scratch: Scratch | undefined,
  name: string,
  from: string,
): PathMount[] {
  const { system, runner } = planning
  const seen = runner.dry ? image : (scratch?.view ?? image)
  const { path, kind } = probePath(system, seen, name)
  if (path === undefined || kind !== 'directory') return []
  const mounts = run.mounts()
  const there = findMount(mounts, image(path))
  if (there !== undefined && there.device === findMount(mounts, from)?.device) return []
  const origin = { file: SETTINGS_FILE, line: 0 }
  return [bindOf({ path, kind, lasts: 'name', mode: 'bind', origin }, from, false)]
}
