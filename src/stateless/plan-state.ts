import type { View } from '../machine/resolve-inside.ts'
import type { Step } from '../plan/step.ts'
import { judgeCommon, nameOf, sentence, type Verdict, wordsOf } from './judge-path.ts'
import { type KeptEntry, keptPath, placeOf } from './kept-entry.ts'
import type { LayerFolder, ListedFile } from './kept-files/layer-facts.ts'
import { listedFile } from './kept-files/listed-file.ts'
import { planKeptFiles } from './kept-files/plan-kept-files.ts'
import type { Place } from './kept-files/record.ts'
import { bindOf, type KeptPath, type PathMount, type Words } from './kept-path.ts'
import type { StatetabFacts } from './path-facts.ts'
import { coversAny, folderOf, isBelow, parentFirst, topmost } from './paths.ts'
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
  /** Folders whose files OverlayFS shows: their layer is filled between the seeds and the mounts. */
  readonly layers: readonly LayerFolder[]
}

interface Judged {
  readonly facts: StatetabFacts
  readonly verdict: Verdict
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
  asked: { readonly hindrance: string | undefined; readonly deleted: readonly Place[] },
): StatePlan {
  const isOverlay = asked.hindrance === undefined
  const { present, deleted } = withoutDeleted(entries, asked.deleted)
  const judged = present.map((facts) => ({
    facts,
    verdict: judge(facts, foreign, reserved, isOverlay),
  }))
  const all = parentFirst(
    judged.flatMap(({ facts, verdict }) => (verdict.kind === 'fit' ? asKept(facts) : [])),
  )
  const fit = topmost(all.filter((facts) => !isHomeless(facts)))
  const isFit = coversAny(fit.map(({ path }) => path))
  const isLeft = ({ path }: { readonly path: string }) => !isFit(path)
  const files = planKeptFiles(
    view,
    fit.filter(({ kind }) => kind === 'file'),
    foreign,
    {
      ...asked,
      deleted: deleted.filter(isLeft),
      awaited: topmost(parentFirst(judged.flatMap(asAwaited))).filter(isLeft),
      homeless: topmost(all.filter(isHomeless)).filter(isLeft),
    },
    slaves,
  )
  const bound = fit.filter(({ kind }) => kind === 'directory')
  const folders = [...bound, ...files.placed]
  const isKept = coversAny([...fit, ...files.placed].map(({ path }) => path))
  const isAwaited = coversAny(files.layers.flatMap((each) => each.awaited.map(({ path }) => path)))
  const missed = judged.filter(({ facts }) => facts.path === undefined || !isKept(facts.path))
  const isToCome = ({ facts, verdict }: Judged) =>
    verdict === NOTHING && facts.path !== undefined && isAwaited(facts.path)
  const words = wordsOf(missed.filter((each) => !isToCome(each)))
  return {
    seeds: fit.filter(({ kept }) => kept.kind === 'missing').map(({ path }) => path),
    // A place in a layer is made with that.
    prepare: [...bound, ...files.bound].flatMap((facts) => planMountPoint(view, facts)),
    paths: [...folders.map(keptPath), ...files.paths],
    mounts: [
      ...folders.map((facts) => bindOf(keptPath(facts), placeOf(facts), slaves)),
      ...files.mounts,
    ],
    layers: files.layers,
    remarks: [
      ...words.remarks,
      ...missed.filter(isToCome).map(({ facts }) => `${nameOf(facts.entry)} ${TO_COME}`),
      ...files.remarks,
    ],
    shortfalls: [
      ...words.shortfalls,
      ...files.misfits.map(({ entry }) => sentence(entry, NO_PLACE)),
    ],
    links: judged.flatMap(({ facts: { path, kept }, verdict }) =>
      verdict.kind === 'fit' && kept.kind === 'link' && path !== undefined && !isKept(path)
        ? [{ path, target: kept.target }]
        : [],
    ),
  }
}

/** What stays deleted is neither seeded nor kept; a file that lies on the device again is not deleted any more. */
function withoutDeleted(
  entries: readonly StatetabFacts[],
  deleted: readonly Place[],
): { readonly present: readonly StatetabFacts[]; readonly deleted: readonly ListedFile[] } {
  const all = new Set(deleted.map(({ path }) => path))
  const isDeleted = ({ path, kept }: StatetabFacts) =>
    path !== undefined && all.has(path) && kept.kind === 'missing'
  return {
    present: entries.filter((facts) => !isDeleted(facts)),
    deleted: parentFirst(
      entries.flatMap((facts) =>
        facts.path !== undefined && isDeleted(facts)
          ? listedFile({ ...facts, path: facts.path })
          : [],
      ),
    ),
  }
}

function asKept({ path, kind, ...facts }: StatetabFacts): KeptEntry[] {
  const shown = kind === 'missing' ? facts.kept.kind : kind
  if (path === undefined || (shown !== 'file' && shown !== 'directory')) return []
  return [{ ...facts, path, kind: shown, inRoot: kind !== 'missing' }]
}

/** A folder that the device alone has, in a root in which no place can be made for it. */
function isHomeless({ kind, inRoot, writable }: KeptEntry): boolean {
  return kind === 'directory' && !inRoot && !writable
}

function asAwaited({ facts, verdict }: Judged): ListedFile[] {
  const { path } = facts
  return verdict === NOTHING && path !== undefined ? [listedFile({ ...facts, path })] : []
}

const NO_PLACE = 'it is on the state device, and the root, which is read-only, has no place for it'
const FIT: Verdict = { kind: 'fit', why: '' }
const TO_COME = 'is not there yet: what is made there is kept'
const NOTHING: Verdict = {
  kind: 'left out',
  why: 'neither the root nor the state device has it; what is made there does not go to the state device in this boot',
}
const refused = (why: string): Verdict => ({ kind: 'refused', why })

function judge(
  { path, kind, kept, writable, nearest }: StatetabFacts,
  foreign: readonly string[],
  reserved: readonly string[],
  isOverlay: boolean,
): Verdict {
  if (path === undefined) return refused('links lead in circles, or a file is on the way to it')
  const common = judgeCommon(path, reserved)
  if (common !== undefined) return { ...common, kind: 'refused' }
  if (kept.kind === 'unfit') return refused(`on the state device ${kept.why}`)
  if (kept.kind === 'link') return judgeLink(kind)
  if (kind === 'missing') {
    if (kept.kind === 'missing') return NOTHING
    // For a folder it may find one in a layer. OverlayFS needs no place for a file, but for the file's folder.
    const hasPlace = kept.kind === 'directory' || writable || (isOverlay && nearest !== '/')
    return hasPlace ? FIT : refused(NO_PLACE)
  }
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

function planMountPoint(view: View, facts: KeptEntry): Step[] {
  if (facts.inRoot) return []
  const at = view(facts.path)
  if (facts.kind === 'directory') return [{ kind: 'make-directory', path: at }]
  return [
    { kind: 'make-directory', path: folderOf(at) },
    { kind: 'write-file', path: at, text: '' },
  ]
}
