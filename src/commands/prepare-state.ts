import { mountOf } from '../formats/mount-table.ts'
import { DROPPED_FOLDER } from '../keeping/stateless-backing.ts'
import { exists } from '../machine/attempt.ts'
import { STATE_FOLDER } from '../machine/places.ts'
import { planState, type StatePlan } from '../stateless/plan-state.ts'
import { probeStatetab } from '../stateless/probe-lists.ts'
import { isReadOnlyMount, probeKept, probeStatetabPath } from '../stateless/probe-paths.ts'
import { formatRemark } from '../stateless/remark.ts'
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
  const dropped = `${STATE_FOLDER}/${DROPPED_FOLDER}`
  if (!runner.dry && exists(system, dropped)) run.need([{ kind: 'remove-tree', path: dropped }])
  const lists = probeStatetab(system, image, folder)
  const plan = planState(
    scratch.view,
    lists.entries.map((entry) => probeStatetabPath(system, seen, entry, isWritable, folder)),
    foreignMountPoints(context),
    reservedFolders(context),
    settings.slaves,
  )
  sayWords(context, lists.remarks.map(formatRemark), plan)
  if (runner.dry) runner.run({ reasons: [UNSEEN], steps: [] })
  else {
    run.seed(scratch.view, plan.seeds, (path) => {
      const kept = probeKept(system, STATE_FOLDER, path)
      return kept.kind === 'missing' ? kept.top : path
    })
  }
  run.tryEach(plan.prepare)
  return plan
}
