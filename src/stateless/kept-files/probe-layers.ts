import { attempt } from '../../machine/attempt.ts'
import type { View } from '../../machine/resolve-inside.ts'
import type { System } from '../../machine/system.ts'
import { foldersAbove, parentFirst } from '../paths.ts'
import type { FolderFacts, LayerFolder, ListedFile } from './layer-facts.ts'
import type { Place, Version } from './record.ts'

/** The nearest folder above each file that the root has now, and how long the file is, on the device or else in the root. */
export function probeListed(
  system: System,
  view: View,
  state: string,
  places: readonly Place[],
): ListedFile[] {
  const folders = new Map<string, boolean>()
  const isFolder = (path: string) => {
    const known = folders.get(path)
    if (known !== undefined) return known
    const found = attempt(() => system.lstat(view(path)).kind === 'directory', false)
    folders.set(path, found)
    return found
  }
  return places.map(({ path, kept }) => {
    const bytesAt = (at: string) => attempt(() => system.lstat(at).bytes, undefined)
    const bytes = bytesAt(`${state}${kept}`) ?? bytesAt(view(path)) ?? 0
    return { path, kept, folder: foldersAbove(path).find(isFolder) ?? '/', bytes }
  })
}

/** Mode and owner of the root's folders on the way to files and places, from those that get a mount on. */
export function probeWays(
  system: System,
  view: View,
  folders: readonly LayerFolder[],
): FolderFacts[] {
  const ways = new Map<string, FolderFacts>()
  for (const { folder, files, places } of folders) {
    const all = [folder, ...[...files, ...places].flatMap((each) => between(folder, each.folder))]
    for (const path of all) {
      if (ways.has(path)) continue
      const stat = attempt(() => system.lstat(view(path)), undefined)
      if (stat === undefined) continue
      ways.set(path, { path, mode: stat.mode, uid: stat.uid, gid: stat.gid })
    }
  }
  return [...ways.values()].sort((a, b) => (`${a.path}/` < `${b.path}/` ? -1 : 1))
}

/** Mode and owner of the folders that the device alone has, down to those that are places for mounts. */
export function probePlaces(
  system: System,
  state: string,
  folders: readonly LayerFolder[],
): FolderFacts[] {
  const all = folders.flatMap(({ places }) =>
    places.flatMap((place) => between(place.folder, place.path)),
  )
  return parentFirst(
    all.map((path) => {
      const stat = attempt(() => system.lstat(`${state}${path}`), undefined)
      return { path, mode: stat?.mode ?? 0o755, uid: stat?.uid ?? 0, gid: stat?.gid ?? 0 }
    }),
  )
}

/** The folders from below one down to another one that lies in it. */
function between(top: string, folder: string): string[] {
  return [folder, ...foldersAbove(folder)].filter((path) => path.startsWith(`${top}/`))
}

/** The files that the device has now, by their paths on it. */
export function probeVersions(
  system: System,
  state: string,
  folders: readonly { readonly files: readonly Place[] }[],
): ReadonlyMap<string, Version> {
  const versions = new Map<string, Version>()
  for (const { kept } of folders.flatMap(({ files }) => files)) {
    const stat = attempt(() => system.lstat(`${state}${kept}`), undefined)
    if (stat?.kind !== 'file') continue
    const { inode, modifiedSeconds, bytes } = stat
    versions.set(kept, { inode, modifiedSeconds, bytes })
  }
  return versions
}
