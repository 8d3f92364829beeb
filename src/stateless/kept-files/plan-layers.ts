import type { View } from '../../machine/resolve-inside.ts'
import { formatPrintable } from '../../printable.ts'
import { foldersAbove, isBelow } from '../paths.ts'
import type { LayerFolder, ListedFile } from './layer-facts.ts'

/** Which folders of the root get OverlayFS on them. */
export interface LayersPlan {
  readonly folders: readonly LayerFolder[]
  /** Files that need a mount of their own, each. */
  readonly bound: readonly ListedFile[]
  readonly remarks: readonly string[]
}

/**
 * The topmost folders that hold kept files, directly or deeper: one mount serves all of them. `view` is where the root's folders are found
 * now; `foreign` are mount points inside the root that are not ours, and would be hidden.
 */
export function planLayers(
  view: View,
  files: readonly ListedFile[],
  deleted: readonly ListedFile[],
  foreign: readonly string[],
): LayersPlan {
  const whys = new Map<string, string | undefined>()
  for (const { folder } of [...files, ...deleted]) {
    if (!whys.has(folder)) whys.set(folder, findHindrance(view, folder, foreign))
  }
  const fit = new Set([...whys].flatMap(([folder, why]) => (why === undefined ? [folder] : [])))
  const topOf = (folder: string) =>
    [folder, ...foldersAbove(folder)]
      .filter((each) => fit.has(each) && isSameTree(view, each, folder))
      .at(-1)
  const groups = new Map<string, { files: ListedFile[]; deleted: ListedFile[] }>()
  const bound: ListedFile[] = []
  const put = (file: ListedFile, into: 'files' | 'deleted') => {
    const top = topOf(file.folder)
    if (top === undefined) {
      if (into === 'files') bound.push(file)
      return
    }
    const group = groups.get(top) ?? { files: [], deleted: [] }
    groups.set(top, group)
    group[into].push(file)
  }
  for (const file of files) put(file, 'files')
  for (const file of deleted) put(file, 'deleted')
  return {
    folders: [...groups].map(([folder, group]) => ({ folder, ...group, awaited: [], places: [] })),
    bound,
    remarks: remarksOn(bound, whys),
  }
}

/** Whether a folder is seen where one above it is: scratch between the two is mounted on top of it. */
export function isSameTree(view: View, above: string, folder: string): boolean {
  return view(folder) === `${view(above)}${folder.slice(above.length)}`
}

/** What separates options and layers, for mount(8) or for OverlayFS, and quotes them. */
const SEPARATORS = /[,:\\"]/

function findHindrance(view: View, folder: string, foreign: readonly string[]): string | undefined {
  if (folder === '/') return 'it lies in the root folder itself'
  if (SEPARATORS.test(view(folder)))
    return `OverlayFS takes no folder with such a name as ${folder}`
  const below = foreign.find((point) => isBelow(point, folder))
  return below === undefined ? undefined : `${below} is mounted below ${folder}`
}

/** What a file that is a mount point cannot do, in words that follow its name. */
export const BOUND =
  'cannot be renamed, replaced or deleted, and a program that does so fails (EBUSY)'

function remarksOn(
  bound: readonly ListedFile[],
  whys: ReadonlyMap<string, string | undefined>,
): string[] {
  const groups = new Map<string, ListedFile[]>()
  for (const file of bound) {
    const why = whys.get(file.folder) ?? ''
    groups.set(why, [...(groups.get(why) ?? []), file])
  }
  return [...groups].map(([why, files]) => `${namesOf(files)} ${BOUND}: ${why}`)
}

/** The first of them, and how many more there are. */
export function namesOf(files: readonly { readonly path: string }[]): string {
  const [first, ...others] = files
  return `${formatPrintable(first?.path ?? '')}${others.length === 0 ? '' : ` and ${others.length} more`}`
}
