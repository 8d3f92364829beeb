import type { View } from '../../machine/resolve-inside.ts'
import { inBatches } from '../../plan/batches.ts'
import type { CopyTreesStep, MakeDirectoriesStep } from '../../plan/file-steps.ts'
import type { Step } from '../../plan/step.ts'
import type { FolderFacts, LayerFolder, ListedFile } from './layer-facts.ts'
import { filesPlaces } from './places.ts'

/**
 * Of a longer file the layer gets a second name instead of a copy. A copy is the rule: some programs refuse a file that has two
 * names (cron its tables, logrotate its logs), and OverlayFS shows how many there are.
 */
const MOST_COPIED_BYTES = 1 << 20

/** Whether the layer gets the device's own file. */
export function isLinked({ bytes }: ListedFile): boolean {
  return bytes > MOST_COPIED_BYTES
}

/** Removes the layer, out of which all that is kept has been taken. */
export function planEmpty(state: string): Step[] {
  const { layer, work } = filesPlaces(state)
  return [
    { kind: 'remove-tree', path: layer },
    { kind: 'remove-tree', path: work },
  ]
}

/**
 * Empties the layer and fills it with what the state device, mounted at `state`, keeps. All has been
 * harvested before. `ways` are the folders on the way to the files, from those that get a mount on: the layer
 * shows its own mode and owner of them, which are to be the root's, or the device's where the root lacks them.
 */
export function planFill(
  state: string,
  folders: readonly LayerFolder[],
  ways: readonly FolderFacts[],
): Step[] {
  const { folder, layer, work } = filesPlaces(state)
  const own = [folder, layer, work, ...folders.map((_, index) => `${work}/${index}`)]
  const files = folders.flatMap((each) => each.files)
  return [
    ...planEmpty(state),
    ...makeDirectories(0o700, 0, 0, own),
    ...planWays(layer, ways),
    ...planCopies(
      state,
      layer,
      files.filter((file) => !isLinked(file)),
      false,
    ),
    ...planCopies(state, layer, files.filter(isLinked), true),
    { kind: 'sync-file-system', path: state },
  ]
}

/** The folders of the layer get the labels of SELinux that the root's have; the files have them from the device. */
export function planLabels(state: string, view: View, ways: readonly FolderFacts[]): Step[] {
  const { layer } = filesPlaces(state)
  return inBatches(ways.map(({ path }) => path)).map((paths) => ({
    kind: 'copy-labels',
    labels: paths.map((path) => ({ from: view(path), to: `${layer}${path}` })),
  }))
}

/** One program for all folders of one mode and owner, of which a root has a handful. */
function planWays(layer: string, ways: readonly FolderFacts[]): Step[] {
  const groups = new Map<string, FolderFacts[]>()
  for (const way of ways) {
    const key = [way.mode, way.uid, way.gid].join()
    groups.set(key, [...(groups.get(key) ?? []), way])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    const paths = group.map(({ path }) => `${layer}${path}`)
    return first === undefined ? [] : makeDirectories(first.mode, first.uid, first.gid, paths)
  })
}

function makeDirectories(
  mode: number,
  uid: number,
  gid: number,
  all: readonly string[],
): MakeDirectoriesStep[] {
  return inBatches(all).map((paths) => ({ kind: 'make-directories', mode, uid, gid, paths }))
}

/** cp makes a copy below the same names; where the two names of a file differ, it starts below what differs. */
function planCopies(
  state: string,
  layer: string,
  files: readonly ListedFile[],
  linked: boolean,
): Step[] {
  const groups = new Map<string, { from: string; to: string; paths: string[] }>()
  for (const { path, kept } of files) {
    const same = commonEnd(path, kept)
    const from = kept.slice(0, kept.length - same.length)
    const to = path.slice(0, path.length - same.length)
    const key = `${from}\n${to}`
    const group = groups.get(key) ?? { from: `${state}${from}`, to: `${layer}${to}`, paths: [] }
    groups.set(key, group)
    group.paths.push(same.slice(1))
  }
  return [...groups.values()].flatMap(({ from, to, paths }) => [
    ...(to === layer ? [] : [{ kind: 'make-directory', path: to } as const]),
    ...inBatches(paths).map((batch): CopyTreesStep => {
      const copy = { kind: 'copy-trees', from, paths: batch, to } as const
      return linked ? { ...copy, links: true } : copy
    }),
  ])
}

/** The last parts of two absolute paths that are the same, a slash before them. */
function commonEnd(path: string, kept: string): string {
  const [mine, theirs] = [path.split('/').reverse(), kept.split('/').reverse()]
  const differ = mine.findIndex((part, index) => part !== theirs[index] || part === '')
  return `/${mine.slice(0, differ).reverse().join('/')}`
}
