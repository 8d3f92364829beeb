import type { View } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'
import { judgeCommon, type Verdict, wordsOf } from './judge-path.ts'
import { type KeptEntry, keptPath, placeOf } from './kept-entry.ts'
import { planKeptFiles } from './kept-files/plan-kept-files.ts'
import { bindOf, type KeptPath, type PathMount, type Words } from './kept-path.ts'
import type { KeptFacts, StatetabFacts } from './path-facts.ts'
import { coversAny, folderOf, groupBy, isBelow, parentFirst, topmost } from './paths.ts'
import type { KeptLink } from './plan-links.ts'

/** What the paths of statetab need once the state device is mounted. */
export interface StatePlan extends Words {
  /** The paths that the device holds nothing of yet. */
  readonly seeds: readonly string[]
  /** After the seeds, before the mounts. */
  readonly prepare: readonly Step[]
  readonly paths: readonly KeptPath[]
  readonly mounts: readonly PathMount[]
  /** Made again after the mounts. */
  readonly links: readonly KeptLink[]
}

/**
 * The listed paths as the state device keeps them: each once, and only the topmost, since what lies in a kept folder is
 * kept with it. `view` is the root as it will be without them. `foreign` are the mount points below the root, as seen inside,
 * that are not ours: none of them is hidden. Nothing is taken that lies in one of the `reserved` folders.
 */
export function planState(
  view: View,
  entries: readonly StatetabFacts[],
  foreign: readonly string[],
  reserved: readonly string[],
  slaves: boolean,
): StatePlan {
  const judged = entries.map((facts) => ({ facts, verdict: judge(facts, foreign, reserved) }))
  const fit = topmost(
    parentFirst(
      judged.flatMap(({ facts, verdict }) => (verdict.kind === 'fit' ? asKept(facts) : [])),
    ),
  )
  const isKept = coversAny(fit.map(({ path }) => path))
  const missed = judged.filter(({ facts }) => facts.path === undefined || !isKept(facts.path))
  const folders = fit.filter(({ kind }) => kind === 'directory')
  const byFolder = groupBy(
    fit.filter(({ kind }) => kind === 'file'),
    ({ path }) => folderOf(path),
  )
  const files = [...byFolder].map(([folder, kept]) =>
    planKeptFiles({ folder, lower: view(folder), files: kept }, slaves),
  )
  return {
    seeds: [...folders, ...files.flatMap(({ seeded }) => seeded)]
      .filter(({ kept }) => kept.kind === 'missing')
      .map(({ path }) => path),
    prepare: [
      ...fit.flatMap((facts) => planMountPoint(view, facts)),
      ...files.flatMap(({ prepare }) => prepare),
    ],
    paths: fit.map(keptPath),
    mounts: [
      ...folders.map((facts) => bindOf(keptPath(facts), placeOf(facts), slaves)),
      ...files.flatMap(({ mounts }) => mounts),
    ],
    links: judged.flatMap(({ facts: { path, kept }, verdict }) =>
      verdict.kind === 'fit' && kept.kind === 'link' && path !== undefined && !isKept(path)
        ? [{ path, target: kept.target }]
        : [],
    ),
    ...wordsOf(missed),
  }
}

function asKept({ entry, path, kind, kept }: StatetabFacts): KeptEntry[] {
  const shown = kind === 'missing' ? kept.kind : kind
  if (path === undefined || (shown !== 'file' && shown !== 'directory')) return []
  return [{ entry, path, kind: shown, inRoot: kind !== 'missing', kept }]
}

const FIT: Verdict = { kind: 'fit', why: '' }
const refused = (why: string): Verdict => ({ kind: 'refused', why })

function judge(
  { path, kind, kept, writable }: StatetabFacts,
  foreign: readonly string[],
  reserved: readonly string[],
): Verdict {
  if (path === undefined) return refused('links lead in circles, or a file is on the way to it')
  const common = judgeCommon(path, reserved)
  if (common !== undefined) return { ...common, kind: 'refused' }
  if (kept.kind === 'unfit') return refused(`on the state device ${kept.why}`)
  if (kept.kind === 'link') return judgeLink(kind)
  if (kind === 'missing') return judgeMissing(kept, writable)
  if (kind === 'symlink') return refused('it is a symbolic link: list what it leads to')
  if (kind !== 'file' && kind !== 'directory') return refused(`it is a ${kind}`)
  if (kept.kind !== 'missing' && kept.kind !== kind) {
    return refused(`it is a ${kind}, and a ${kept.kind} on the state device`)
  }
  const hidden = foreign.find((point) => isBelow(point, path))
  return hidden === undefined ? FIT : refused(`${hidden} is mounted below it and would be hidden`)
}

/** holdfast persist keeps a link as what it says; where the root has another file, that was not meant. */
function judgeLink(kind: StatetabFacts['kind']): Verdict {
  return kind === 'missing' || kind === 'symlink'
    ? FIT
    : refused(`it is a ${kind}, and a symbolic link on the state device`)
}

function judgeMissing(kept: KeptFacts, writable: boolean): Verdict {
  if (kept.kind === 'missing') {
    return { kind: 'left out', why: 'neither the root nor the state device has it' }
  }
  if (writable) return FIT
  return refused('it is on the state device, and the root, which is read-only, has no place for it')
}

function planMountPoint(view: View, facts: KeptEntry): Step[] {
  if (facts.inRoot) return []
  const at = view(facts.path)
  if (facts.kind === 'directory') return [{ kind: 'make-directory', path: at }]
  return [
    { kind: 'make-directory', path: folderOf(at) },
    { kind: 'write-file', path: at, text: '' },
  ]
}
