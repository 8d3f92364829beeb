import { STATE_FOLDER } from '../../machine/places.ts'
import type { View } from '../../machine/resolve-inside.ts'
import { type KeptEntry, keptPath, placeOf } from '../kept-entry.ts'
import { bindOf, type KeptPath, type PathMount } from '../kept-path.ts'
import type { LayerFolder, ListedFile } from './layer-facts.ts'
import { listedFile } from './listed-file.ts'
import { BOUND, namesOf, planLayers } from './plan-layers.ts'
import { layerMount } from './plan-mounts.ts'
import { planRoom } from './plan-room.ts'

/** How files are to be kept. */
export interface FilesRequest {
  /** Why each is a mount point of its own; undefined where OverlayFS shows them. */
  readonly hindrance: string | undefined
  /** Files that stay deleted. */
  readonly deleted: readonly ListedFile[]
  /** Listed paths that nothing is at, neither in the root nor on the device. */
  readonly awaited: readonly ListedFile[]
  /** Folders of the device for which the root has no place and cannot be given one. */
  readonly homeless: readonly KeptEntry[]
}

export interface KeptFilesPlan {
  /** Folders that get OverlayFS. */
  readonly layers: readonly LayerFolder[]
  /** Files that are mount points, as in the original. */
  readonly bound: readonly KeptEntry[]
  /** Folders of the device that have their places in a layer. */
  readonly placed: readonly KeptEntry[]
  /** What would have to be a mount point, and for which the root has no place. */
  readonly misfits: readonly KeptEntry[]
  /** They are put in order with all others. */
  readonly mounts: readonly PathMount[]
  readonly paths: readonly KeptPath[]
  readonly remarks: readonly string[]
}

/**
 * How the kept files of a root come to be seen there: those of a folder, and of what lies in it, by one mount that is no mount point of
 * theirs, so that they can be renamed over.
 */
export function planKeptFiles(
  view: View,
  files: readonly KeptEntry[],
  foreign: readonly string[],
  asked: FilesRequest,
  slaves: boolean,
): KeptFilesPlan {
  if (asked.hindrance !== undefined) return bindAll(files, asked, asked.hindrance, slaves)
  const plan = planLayers(view, files.map(listedFile), asked.deleted, foreign)
  const room = planRoom(view, plan.folders, asked.awaited, asked.homeless)
  const byPath = new Map(files.map((file) => [file.path, file]))
  const entriesOf = (listed: readonly ListedFile[]) =>
    listed.flatMap(({ path }) => byPath.get(path) ?? [])
  const { bound, misfits } = withPlace(entriesOf(plan.bound))
  const layers = room.folders.map((folder, index): PathMount => {
    const shows = entriesOf(folder.files).map(overlayPath)
    return { ...layerMount(STATE_FOLDER, view, folder, index), shows }
  })
  return {
    layers: room.folders,
    bound,
    placed: room.placed,
    misfits: [...misfits, ...room.misfits],
    mounts: [...layers, ...bindEach(bound, slaves)],
    paths: [...layers.flatMap(({ shows }) => shows), ...bound.map(keptPath)],
    remarks: plan.remarks,
  }
}

function bindAll(
  files: readonly KeptEntry[],
  { deleted, homeless }: FilesRequest,
  hindrance: string,
  slaves: boolean,
): KeptFilesPlan {
  const { bound, misfits } = withPlace(files)
  const back =
    deleted.length === 0 ? [] : [`${namesOf(deleted)} was deleted, and is seen: ${hindrance}`]
  const remark = bound.length === 0 ? [] : [`${namesOf(bound)} ${BOUND}: ${hindrance}`]
  return {
    layers: [],
    bound,
    placed: [],
    misfits: [...misfits, ...homeless],
    mounts: bindEach(bound, slaves),
    paths: bound.map(keptPath),
    remarks: [...remark, ...back],
  }
}

/** A mount point is a file that is there, or can be made. */
function withPlace(files: readonly KeptEntry[]) {
  const hasPlace = ({ inRoot, writable }: KeptEntry) => inRoot || writable
  return {
    bound: files.filter(hasPlace),
    misfits: files.filter((file) => !hasPlace(file)),
  }
}

/** Each of the files as a mount point. */
function bindEach(files: readonly KeptEntry[], slaves: boolean): PathMount[] {
  return files.map((file) => bindOf(keptPath(file), placeOf(file), slaves))
}

/** The same files as mount points, where the folder among `mounts` did not get its mount. */
export function bindInstead(
  { folder, files }: LayerFolder,
  mounts: readonly PathMount[],
  slaves: boolean,
): PathMount[] {
  const keptAtPath = new Map(files.map(({ path, kept }) => [path, kept]))
  const shows = mounts.find(({ path, type }) => type === 'overlay' && path === folder)?.shows ?? []
  return shows.map((shown) => {
    const from = `${STATE_FOLDER}${keptAtPath.get(shown.path) ?? shown.path}`
    return bindOf({ ...shown, mode: 'bind' }, from, slaves)
  })
}

function overlayPath(file: KeptEntry): KeptPath {
  return { ...keptPath(file), mode: 'overlay' }
}
