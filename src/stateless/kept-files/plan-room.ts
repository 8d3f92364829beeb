import type { View } from '../../machine/resolve-inside.ts'
import type { KeptEntry } from '../kept-entry.ts'
import { coversAny, foldersAbove, groupBy } from '../paths.ts'
import type { LayerFolder, ListedFile } from './layer-facts.ts'
import { listedFile } from './listed-file.ts'
import { isSameTree } from './plan-layers.ts'

/** What the folders with kept files give room to besides. */
export interface RoomPlan {
  readonly folders: readonly LayerFolder[]
  /** Folders of the device that get their places in a layer. */
  readonly placed: readonly KeptEntry[]
  readonly misfits: readonly KeptEntry[]
}

/**
 * A layer can be written to: it has places for folders that the device alone has (`homeless`), and what is made there at
 * a listed path is in it. For neither of them a folder gets OverlayFS that has none.
 */
export function planRoom(
  view: View,
  folders: readonly LayerFolder[],
  awaited: readonly ListedFile[],
  homeless: readonly KeptEntry[],
): RoomPlan {
  const shownIn = finder(view, folders)
  const placed = homeless.filter((each) => shownIn(listedFile(each)) !== undefined)
  const isPlaced = coversAny(placed.map(({ path }) => path))
  const recorded = withinRecord(
    awaited.filter((each) => !isPlaced(each.path) && shownIn(each) !== undefined),
  )
  const awaitedIn = groupBy(recorded, shownIn)
  const placesIn = groupBy(placed.map(listedFile), shownIn)
  return {
    folders: folders.map((each) => ({
      ...each,
      // What lies in a placed folder is seen with that.
      files: each.files.filter(({ path }) => !isPlaced(path)),
      awaited: awaitedIn.get(each.folder) ?? [],
      places: placesIn.get(each.folder) ?? [],
    })),
    placed,
    misfits: homeless.filter((each) => shownIn(listedFile(each)) === undefined),
  }
}

/** Finds the folder with OverlayFS that shows a path: none where scratch is mounted between the two. */
function finder(view: View, folders: readonly LayerFolder[]) {
  const all = new Set(folders.map(({ folder }) => folder))
  return ({ path, folder: nearest }: ListedFile): string | undefined => {
    const closest = foldersAbove(path).find((each) => all.has(each))
    return closest !== undefined && isSameTree(view, closest, nearest) ? closest : undefined
  }
}

/** As many as the record has room for, whatever a list says. */
const MOST_UNITS = 1 << 18

function withinRecord(awaited: readonly ListedFile[]): ListedFile[] {
  let units = 0
  return awaited.filter(({ path }) => {
    units += path.length
    return units <= MOST_UNITS
  })
}
