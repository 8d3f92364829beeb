import { mountOf } from '../formats/mount-table.ts'
import { DROPPED_FOLDER } from '../keeping/stateless-backing.ts'
import { STATE_FOLDER } from '../machine/places.ts'
import { giveBack } from '../persist/give-back.ts'
import { familyRemark } from '../stateless/kept-files/family.ts'
import { coversAny } from '../stateless/paths.ts'
import { planState, type StatePlan } from '../stateless/plan-state.ts'
import { probeStatetab } from '../stateless/probe-lists.ts'
import {
  isReadOnlyMount,
  probeKept,
  probePath,
  probeStatetabPath,
} from '../stateless/probe-paths.ts'
import { formatRemark } from '../stateless/remark.ts'
import { fillLayer, harvestFiles } from './boot-kept-files.ts'
import { emptyScratch, type Scratch, sayWords } from './fill-scratch.ts'
import { foreignMountPoints, reservedFolders, type StatelessContext } from './stateless-context.ts'

const UNSEEN =
  'what the state device holds is not known before it is mounted: what it lacks is copied to it first'

/** Gives the mounted state device what it lacks of the listed paths, and the root a place for what only the device has. */
export function prepareState(context: StatelessContext, given: Scratch | undefined): StatePlan {
  const { planning, image, run, settings } = context
  const scratch = given ?? emptyScratch(context)
  const { system, runner } = planning
  // A dry run has mounted nothing, and copied nothing to scratch.
  const [folder, seen] = runner.dry ? [undefined, image] : [STATE_FOLDER, scratch.view]
  const mounts = run.mounts()
  const isWritable = (path: string) => {
    const mount = mountOf(mounts, image(path))
    return scratch.covers(path) || (mount !== undefined && !isReadOnlyMount(mount))
  }
  if (!runner.dry) run.need(giveBack(system, STATE_FOLDER, run))
  const dropped = `${STATE_FOLDER}/${DROPPED_FOLDER}`
  if (!runner.dry && system.exists(dropped)) run.need([{ kind: 'remove-tree', path: dropped }])
  const asked = harvestFiles(context)
  const lists = probeStatetab(system, image, folder)
  const entries = lists.entries.map((entry) =>
    probeStatetabPath(system, seen, entry, isWritable, folder),
  )
  const [foreign, reserved] = [foreignMountPoints(context), reservedFolders(context)]
  const planWith = (hindrance: string | undefined, without: ReadonlySet<string>) =>
    planState(
      scratch.view,
      entries.filter(({ path }) => path === undefined || !without.has(path)),
      foreign,
      reserved,
      settings.slaves,
      { ...asked, hindrance },
    )
  const first = planWith(asked.hindrance, new Set())
  const unseeded = seedState(context, scratch, first.seeds)
  const seeded = unseeded.size === 0 ? first : planWith(asked.hindrance, unseeded)
  const why = fillLayer(context, scratch.view, seeded.layers, asked)
  const plan = why === undefined ? seeded : planWith(why, unseeded)
  const family = familyRemark(
    coversAny(plan.paths.map(({ path }) => path)),
    (path) => probePath(system, seen, path).kind !== 'missing',
  )
  const remarks = [...lists.remarks.map(formatRemark), ...(family === undefined ? [] : [family])]
  sayWords(context, remarks, plan)
  run.tryEach(plan.prepare)
  return plan
}

/** Gives the device what it lacks of these paths; those that it lacks still. */
function seedState(
  { planning, run }: StatelessContext,
  { view }: Scratch,
  paths: readonly string[],
): ReadonlySet<string> {
  const { runner, system } = planning
  if (runner.dry) {
    runner.run({ reasons: [UNSEEN], steps: [] })
    return new Set()
  }
  const keptOf = (path: string) => probeKept(system, STATE_FOLDER, path)
  run.seed(view, paths, (path) => {
    const kept = keptOf(path)
    return kept.kind === 'missing' ? kept.top : path
  })
  return new Set(paths.filter((path) => keptOf(path).kind === 'missing'))
}
