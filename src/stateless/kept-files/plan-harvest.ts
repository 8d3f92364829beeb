import { inBatches } from '../../plan/batches.ts'
import type { Step } from '../../plan/step.ts'
import { formatPrintable } from '../../printable.ts'
import type { FolderFacts } from '../path-facts.ts'
import { folderOf, parentFirst } from '../paths.ts'
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
  const harvested: FilesRecord = { ...record, folders: [], deleted, awaited: [] }
  const asides = judged.some(({ verdict }) => verdict.endsWith('aside'))
  return {
    steps: [
      ...(asides ? [{ kind: 'make-directory', path: places.aside } as const] : []),
      ...planWays(state, judged),
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

function staysDeleted({ verdict, sort, state }: Judged): boolean {
  const isGone = verdict === 'leave' && state.kind === 'missing'
  return verdict === 'delete' || (sort === 'deleted' && isGone)
}

/**
 * Three versions are compared: the one that was laid into the layer, the layer's now, and the device's now. The device's
 * is another one than at that time when somebody has changed the device itself, or when a harvest was cut off.
 */
function judge({ file, sort, upper, state }: FileFacts): Verdict {
  const untouched = state.kind === 'file' && isSame(file.was, state, file.linked)
  if (upper.kind === 'gone') {
    // Nothing was there, and nothing was made: a later image may bring it.
    if (sort === 'awaited') return 'leave'
    return state.kind === 'missing' || untouched ? 'delete' : 'leave'
  }
  if (upper.kind === 'tree') return state.kind === 'missing' ? 'take' : 'leave, aside'
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

/** Folders that the device lacks, as the layer has them, before anything is renamed into them: with their modes from the start. */
function planWays(state: string, judged: readonly Judged[]): Step[] {
  const taken = judged.filter(({ verdict }) => verdict === 'take')
  const groups: FolderFacts[][] = []
  for (const way of parentFirst(taken.flatMap(({ ways }) => ways))) {
    const last = groups.at(-1)
    if (last?.[0] !== undefined && sortOf(last[0]) === sortOf(way)) last.push(way)
    else groups.push([way])
  }
  return groups.flatMap((group) =>
    inBatches(group.map(({ path }) => `${state}${path}`)).flatMap((paths): Step[] => {
      const [first] = group
      if (first === undefined) return []
      const { mode, uid, gid } = first
      return [{ kind: 'make-directories', mode, uid, gid, paths }]
    }),
  )
}

function sortOf({ mode, uid, gid }: FolderFacts): string {
  return [mode, uid, gid].join()
}

function stepsFor(state: string, { file, verdict, state: on }: Judged): Step[] {
  const { layer, aside } = filesPlaces(state)
  const [upper, kept] = [`${layer}${file.path}`, `${state}${file.kept}`]
  const asideAt = `${aside}/${asideName(file.kept)}`
  if (verdict === 'leave') return []
  if (verdict === 'delete')
    return on.kind === 'missing' ? [] : [{ kind: 'remove-file', path: kept }]
  if (verdict === 'leave, aside') return planAside(upper, asideAt)
  return [
    ...(verdict === 'take, aside' ? planAside(kept, asideAt) : []),
    ...(on.kind === 'missing' ? [{ kind: 'make-directory', path: folderOf(kept) } as const] : []),
    { kind: 'rename-file', from: upper, to: kept },
  ]
}

/** What lies there of an earlier time may be a folder, which nothing can be renamed over. */
function planAside(from: string, to: string): Step[] {
  return [
    { kind: 'remove-tree', path: to },
    { kind: 'rename-file', from, to },
  ]
}

/** The longest name that file systems take, less a little. */
const MOST_NAME_CHARACTERS = 240

/** One name for a path, so that no folder is needed on the way to it. */
function asideName(path: string): string {
  return encodeURIComponent(path.slice(1)).slice(-MOST_NAME_CHARACTERS)
}

function remarksOn({ file, sort, upper, verdict }: Judged): string[] {
  const path = formatPrintable(file.path)
  if (upper.kind === 'other') {
    const last = sort === 'laid' ? ': its last content is' : ''
    return [`${path} has become a ${upper.what}, which is not kept${last}`]
  }
  if (sort === 'awaited' && verdict === 'take') return [`${path} was made, and is kept`]
  if (verdict === 'take, aside' || verdict === 'leave, aside') {
    const other = verdict === 'take, aside' ? 'that of the device' : 'that of the root'
    return [
      `${path} was changed in the root and on the state device: ${other} is now .holdfast/aside/${asideName(file.kept)} there`,
    ]
  }
  return verdict === 'delete' && sort === 'laid' ? [`${path} was deleted, and stays so`] : []
}

function countRemark(unlisted: number): string[] {
  if (unlisted === 0) return []
  const count = unlisted >= MOST_COUNTED ? `${MOST_COUNTED} or more files` : `${unlisted} files`
  return [`${count} beside kept ones, which no list has, are as the image has them again`]
}
