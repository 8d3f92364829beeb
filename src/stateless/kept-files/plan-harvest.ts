import type { Step } from '../../plan/step.ts'
import { formatPrintable } from '../../printable.ts'
import { folderOf } from '../paths.ts'
import { type FileFacts, type HarvestFacts, MOST_COUNTED } from './harvest-facts.ts'
import { filesPlaces } from './places.ts'
import { type FilesRecord, formatFilesRecord, type Place, type Version } from './record.ts'

/** What brings the newest version of each kept file to its place on the state device. */
export interface HarvestPlan {
  /** Done in this order and not taken back: after each of them the newest versions are in the layer or at their place. */
  readonly steps: readonly Step[]
  /** What is deleted on purpose: to be neither seeded nor kept. */
  readonly deleted: readonly Place[]
  readonly remarks: readonly string[]
}

type Verdict =
  /** The layer's version is renamed over the device's. */
  | 'take'
  /** The same, and the device's version is kept aside. */
  | 'take, aside'
  | 'leave'
  /** The device's version stays, and the layer's is kept aside. */
  | 'leave, aside'
  | 'delete'

/**
 * The harvest of the file system that is mounted at `state`. Nothing is mounted that has its upper layer there. Does
 * nothing but to say what is deleted where all has been harvested before.
 */
export function planHarvest(
  state: string,
  facts: Extract<HarvestFacts, { readonly kind: 'record' }>,
): HarvestPlan {
  const { record, text, files, unlisted } = facts
  const judged = files.map((each) => ({ ...each, verdict: judge(each) }))
  const deleted = judged
    .filter(staysDeleted)
    .map(({ file: { path, kept } }): Place => ({ path, kept }))
  if (record.folders.length === 0) return { steps: [], deleted, remarks: [] }
  const places = filesPlaces(state)
  const harvested: FilesRecord = { ...record, folders: [], deleted }
  const asides = judged.some(({ verdict }) => verdict.endsWith('aside'))
  return {
    steps: [
      ...(asides ? [{ kind: 'make-directory', path: places.aside } as const] : []),
      ...judged.flatMap((each) => stepsFor(state, each)),
      { kind: 'sync-file-system', path: state },
      {
        kind: 'replace-file',
        path: places.record,
        text: formatFilesRecord(harvested),
        before: text,
      },
    ],
    deleted,
    remarks: [...judged.flatMap(remarksOn), ...countRemark(unlisted)],
  }
}

function staysDeleted({ verdict, wasDeleted, state }: Judged): boolean {
  return verdict === 'delete' || (wasDeleted && verdict === 'leave' && state.kind === 'missing')
}

/**
 * Three versions are compared: the one that was laid into the layer, the layer's now, and the device's now. The device's
 * is another one than at that time when somebody has changed the device itself, or when a harvest was cut off.
 */
function judge({ file, upper, state }: FileFacts): Verdict {
  const untouched = state.kind === 'file' && isSame(file.was, state, file.linked)
  if (upper.kind === 'gone') return state.kind === 'missing' || untouched ? 'delete' : 'leave'
  if (upper.kind !== 'file') return 'leave'
  if (state.kind === 'unfit') return 'leave, aside'
  if (state.kind === 'missing' || untouched) return 'take'
  if (state.inode === upper.inode || isUnchanged(file.was, upper)) return 'leave'
  return upper.modifiedSeconds > state.modifiedSeconds ? 'take, aside' : 'leave, aside'
}

/** A file with two names is written through either. */
function isSame(was: Version, now: Version, linked: boolean): boolean {
  return was.inode === now.inode && (linked || isUnchanged(was, now))
}

/** cp keeps the time of the last change. */
function isUnchanged(was: Version, now: Version): boolean {
  return was.modifiedSeconds === now.modifiedSeconds && was.bytes === now.bytes
}

type Judged = FileFacts & { readonly verdict: Verdict }

function stepsFor(state: string, { file, verdict, state: on }: Judged): Step[] {
  const { layer, aside } = filesPlaces(state)
  const [upper, kept] = [`${layer}${file.path}`, `${state}${file.kept}`]
  const asideAt = `${aside}/${asideName(file.kept)}`
  if (verdict === 'leave') return []
  if (verdict === 'delete')
    return on.kind === 'missing' ? [] : [{ kind: 'remove-file', path: kept }]
  if (verdict === 'leave, aside') return [{ kind: 'rename-file', from: upper, to: asideAt }]
  return [
    ...(verdict === 'take, aside'
      ? [{ kind: 'rename-file', from: kept, to: asideAt } as const]
      : []),
    ...(on.kind === 'missing' ? [{ kind: 'make-directory', path: folderOf(kept) } as const] : []),
    { kind: 'rename-file', from: upper, to: kept },
  ]
}

/** The longest name that file systems take, less a little. */
const MOST_NAME_CHARACTERS = 240

/** One name for a path, so that no folder is needed on the way to it. */
function asideName(path: string): string {
  return encodeURIComponent(path.slice(1)).slice(-MOST_NAME_CHARACTERS)
}

function remarksOn({ file, upper, verdict, wasDeleted }: Judged): string[] {
  const path = formatPrintable(file.path)
  if (upper.kind === 'other')
    return [`${path} has become a ${upper.what}, which is not kept: its last content is`]
  if (verdict === 'take, aside' || verdict === 'leave, aside') {
    const other = verdict === 'take, aside' ? 'that of the device' : 'that of the root'
    return [
      `${path} was changed in the root and on the state device: ${other} is now .holdfast/aside/${asideName(file.kept)} there`,
    ]
  }
  return verdict === 'delete' && !wasDeleted ? [`${path} was deleted, and stays so`] : []
}

function countRemark(unlisted: number): string[] {
  if (unlisted === 0) return []
  const count = unlisted >= MOST_COUNTED ? `${MOST_COUNTED} or more files` : `${unlisted} files`
  return [`${count} beside kept ones, which no list has, are as the image has them again`]
}
