import type { Mount } from '../formats/mount-table.ts'
import { attempt, tryList } from '../machine/attempt.ts'
import { resolveInside, type View } from '../machine/resolve-inside.ts'
import type { FileStat, System } from '../machine/system.ts'
import type { Listed } from './listed.ts'
import type { RwtabEntry } from './parse-rwtab.ts'
import type { FolderFacts, KeptFacts, PathFacts, RwtabFacts, StatetabFacts } from './path-facts.ts'
import { foldersAbove } from './paths.ts'

/** What is at the path of an entry of rwtab, in the image. */
export function probeRwtabPath(system: System, root: View, entry: RwtabEntry): RwtabFacts {
  const { path, kind, stat } = probePath(system, root, entry.path)
  const isFolder = path !== undefined && path !== '/' && stat?.kind === 'directory'
  if (!isFolder || entry.seed === 'files') return { entry, path, kind, folders: [] }
  const top = folderFacts(path, stat)
  const below = entry.seed === 'dirs' ? foldersBelow(system, root, path) : []
  return { entry, path, kind, folders: [top, ...below] }
}

/**
 * What is at the path of an entry of statetab, as `view` shows it, and what is kept of it in `folder`, where the state
 * device is mounted (undefined: nothing is known, and taken for empty).
 */
export function probeStatetabPath(
  system: System,
  view: View,
  entry: Listed,
  isWritable: (path: string) => boolean,
  folder: string | undefined,
): StatetabFacts {
  const { path, kind, stat } = probePath(system, view, entry.path)
  const at = path ?? entry.path
  const found: KeptFacts =
    folder === undefined ? { kind: 'missing', top: at } : probeKept(system, folder, at)
  // The original keeps a path by the name that was listed, through whatever link.
  const other = found.kind === 'missing' && folder !== undefined && at !== entry.path
  const listed = other ? probeKept(system, folder, entry.path) : found
  const kept = listed.kind === 'missing' ? found : listed
  const isFolder = (each: string) =>
    attempt(() => system.lstat(view(each)).kind === 'directory', false)
  const nearest = nearestFolder(at, isFolder)
  const bytes = kept.kind === 'file' ? bytesOf(system, `${folder}${kept.path}`) : (stat?.bytes ?? 0)
  return { entry, path, kind, writable: isWritable(at), nearest, kept, bytes }
}

/** From the top, which ends soon where a path of thousands of parts leads nowhere. */
function nearestFolder(path: string, isFolder: (path: string) => boolean): string {
  const below = foldersAbove(path).reverse().slice(1)
  const end = below.findIndex((folder) => !isFolder(folder))
  return below.slice(0, end < 0 ? undefined : end).at(-1) ?? '/'
}

function bytesOf(system: System, path: string): number {
  return attempt(() => system.lstat(path).bytes, 0)
}

/** What is at a path of the root; links of its folders are followed inside it. */
export function probePath(
  system: System,
  view: View,
  listed: string,
): PathFacts & { readonly stat: FileStat | undefined } {
  const path = resolveInside(system, view, listed)
  const stat = path === undefined ? undefined : attempt(() => system.lstat(view(path)), undefined)
  return { path, kind: stat?.kind ?? 'missing', stat }
}

function folderFacts(path: string, { mode, uid, gid }: FileStat): FolderFacts {
  return { path, mode, uid, gid }
}

function foldersBelow(system: System, root: View, folder: string): FolderFacts[] {
  return tryList(system, root(folder)).flatMap((name) => {
    const path = `${folder}/${name}`
    const stat = attempt(() => system.lstat(root(path)), undefined)
    if (stat?.kind !== 'directory') return []
    return [folderFacts(path, stat), ...foldersBelow(system, root, path)]
  })
}

/**
 * What the file system that is mounted at `folder` holds of a path. It may have been put there by anybody: no link is
 * followed, and nothing but a file or a folder is of use.
 */
export function probeKept(system: System, folder: string, path: string): KeptFacts {
  for (const on of [...foldersAbove(path).reverse().slice(1), path]) {
    const stat = attempt(() => system.lstat(`${folder}${on}`), undefined)
    if (stat === undefined) return { kind: 'missing', top: on }
    if (on === path && stat.kind === 'file') return { kind: 'file', path }
    if (on === path && stat.kind === 'symlink') return keptLink(system, folder, path)
    if (stat.kind !== 'directory') return { kind: 'unfit', why: `${on} is a ${stat.kind} there` }
  }
  return { kind: 'directory', path }
}

function keptLink(system: System, folder: string, path: string): KeptFacts {
  const target = attempt(() => system.readLink(`${folder}${path}`), undefined)
  if (target === undefined) return { kind: 'unfit', why: `${path} cannot be read there` }
  return { kind: 'link', path, target }
}

/** Whether nothing can be written through the mount. */
export function isReadOnlyMount({ options, superOptions }: Mount): boolean {
  return options.includes('ro') || superOptions.includes('ro')
}
