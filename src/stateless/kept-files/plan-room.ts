import type { View } from '../../machine/resolve-inside.ts'
import type { KeptEntry } from '../kept-entry.ts'
import { coversAny, isBelow } from '../paths.ts'
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
  const showing = (each: ListedFile) => findShowing(view, folders, each)?.folder
  const placed = homeless.filter((each) => showing(listedFile(each)) !== undefined)
  const isPlaced = coversAny(placed.map(({ path }) => path))
  const recorded = withinRecord(awaited.filter(({ path }) => !isPlaced(path)))
  return {
    folders: folders.map((each) => {
      const isHere = (file: ListedFile) => showing(file) === each.folder
      return {
        ...each,
        // What lies in a placed folder is seen with that.
        files: each.files.filter(({ path }) => !isPlaced(path)),
        awaited: recorded.filter(isHere),
        places: placed.map(listedFile).filter(isHere),
      }
    }),
    placed,
    misfits: homeless.filter((each) => !placed.includes(each)),
  }
}

/** The folder with OverlayFS that shows a path: none where scratch is mounted between the two. */
function findShowing(
  view: View,
  folders: readonly LayerFolder[],
  { path, folder: nearest }: ListedFile,
): LayerFolder | undefined {
  const above = folders.filter(({ folder }) => isBelow(path, folder))
  const closest = above.sort((a, b) => b.folder.length - a.folder.length)[0]
  if (closest === undefined) return undefined
  return isSameTree(view, closest.folder, nearest) ? closest : undefined
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
