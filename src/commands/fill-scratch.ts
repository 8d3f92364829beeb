import { tryList } from '../machine/attempt.ts'
import { SCRATCH_FOLDER } from '../machine/places.ts'
import type { View } from '../machine/resolve-inside.ts'
import type { KeptPath, Words } from '../stateless/kept-path.ts'
import { coversAny } from '../stateless/paths.ts'
import { INITIAL_STATE_FOLDER, planScratch } from '../stateless/plan-scratch.ts'
import { probeRwtab, probeStatetab } from '../stateless/probe-lists.ts'
import { probeRwtabPath } from '../stateless/probe-paths.ts'
import { formatRemark } from '../stateless/remark.ts'
import { foreignMountPoints, reservedFolders, type StatelessContext } from './stateless-context.ts'
import { SEED_TIMEOUT_MS } from './stateless-run.ts'

/** What lies on scratch, and the root as it will be with that. */
export interface Scratch {
  readonly paths: readonly KeptPath[]
  /** Whether a path is one of these or lies below one. */
  covers(path: string): boolean
  readonly view: View
}

/** Scratch with nothing on it. */
export function emptyScratch({ image }: StatelessContext): Scratch {
  return { paths: [], covers: () => false, view: image }
}

/** Copies what rwtab lists to scratch; with `keptToo` what is to be kept as well, which is lost then. */
export function fillScratch(context: StatelessContext, keptToo: boolean): Scratch {
  const { planning, image, run } = context
  const { system, runner } = planning
  const lists = probeRwtab(system, image)
  const kept = keptToo ? probeStatetab(system, image, undefined).entries : []
  const entries = [...lists.entries, ...kept.map((entry) => ({ ...entry, seed: 'files' as const }))]
  const plan = planScratch(
    entries.map((entry) => probeRwtabPath(system, image, entry)),
    foreignMountPoints(context),
    reservedFolders(context),
    tryList(system, INITIAL_STATE_FOLDER).map((name) => `/${name}`),
  )
  sayWords(context, lists.remarks.map(formatRemark), plan)
  run.tryEach(plan.folders)
  const failed = new Set(run.copyToScratch(image, plan.copies))
  run.tryEach(plan.initial, SEED_TIMEOUT_MS)
  const isThere = ({ path }: KeptPath) =>
    !failed.has(path) && (runner.dry || system.exists(`${SCRATCH_FOLDER}${path}`))
  const paths = plan.paths.filter(isThere)
  const covers = coversAny(paths.map(({ path }) => path))
  const view: View = (path) => (covers(path) ? `${SCRATCH_FOLDER}${path}` : image(path))
  return { paths, covers, view }
}

/** Remarks go to the log; what was asked for and is not there is missed as well. */
export function sayWords(
  { planning, run }: StatelessContext,
  remarks: readonly string[],
  words: Words,
): void {
  for (const text of [...remarks, ...words.remarks]) planning.log.warn(text)
  for (const text of words.shortfalls) run.miss(text)
}
