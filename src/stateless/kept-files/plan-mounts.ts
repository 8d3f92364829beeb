import { FILES_SOURCE } from '../../machine/places.ts'
import type { View } from '../../machine/resolve-inside.ts'
import type { Step } from '../../plan/step.ts'
import type { LayerFolder, ListedFile } from './layer-facts.ts'
import { filesPlaces } from './places.ts'
import { isLinked } from './plan-fill.ts'
import {
  type FilesRecord,
  formatFilesRecord,
  NO_VERSION,
  type Place,
  type Version,
} from './record.ts'

/** A mount of OverlayFS on a folder of the root. */
export interface LayerMount {
  readonly path: string
  readonly source: string
  readonly type: 'overlay'
  readonly options: readonly string[]
}

/**
 * The mount that shows a folder with its kept files: on top of the root's own, as `view` finds it, which is not written to.
 * What is left out of the layer would be a file without its content (metacopy) or under another name (redirect_dir). systemd
 * leaves what has x-initrd.mount to the initramfs at shutdown.
 */
export function layerMount(
  state: string,
  view: View,
  { folder }: LayerFolder,
  index: number,
): LayerMount {
  const { layer, work } = filesPlaces(state)
  const options = [
    `lowerdir=${view(folder)}`,
    `upperdir=${layer}${folder}`,
    `workdir=${work}/${index}`,
    'index=off',
    'metacopy=off',
    'redirect_dir=off',
    'x-initrd.mount',
  ]
  return { path: folder, source: FILES_SOURCE, type: 'overlay', options }
}

/**
 * Once the layer is filled, and before anything is written to it: the record of what it has. `versions` are the files that the state
 * device has now; of one that is not among them the later one of layer and device will be taken.
 */
export function planRecord(
  state: string,
  folders: readonly LayerFolder[],
  versions: ReadonlyMap<string, Version>,
  before: string | undefined,
): Step[] {
  const record: FilesRecord = {
    version: 1,
    folders: folders.map(({ folder, files }) => ({
      folder,
      files: files.map((file) => ({
        path: file.path,
        kept: file.kept,
        linked: isLinked(file),
        was: versions.get(file.kept) ?? NO_VERSION,
      })),
    })),
    deleted: deletedIn(folders).map(({ path, kept }): Place => ({ path, kept })),
    awaited: folders.flatMap(({ awaited }) => awaited.map(({ path }) => path)),
  }
  const text = formatFilesRecord(record)
  return [{ kind: 'replace-file', path: filesPlaces(state).record, text, before }]
}

function deletedIn(folders: readonly LayerFolder[]): ListedFile[] {
  return folders.flatMap((each) => each.deleted)
}

/** After the mounts: what is deleted is deleted again, by OverlayFS itself. `root` is the root with the mounts. */
export function planDeletions(root: View, folders: readonly LayerFolder[]): Step[] {
  return deletedIn(folders).map(({ path }) => ({ kind: 'remove-file', path: root(path) }))
}
