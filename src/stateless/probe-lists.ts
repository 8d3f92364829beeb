import { attempt, tryList } from '../machine/attempt.ts'
import { resolveFileInside, type View } from '../machine/resolve-inside.ts'
import type { System } from '../machine/system.ts'
import { isListName, type Listed, MOST_PATH_UNITS } from './listed.ts'
import { parseRwtab, type RwtabEntry } from './parse-rwtab.ts'
import { parseStatetab } from './parse-statetab.ts'
import { probeKept, probePath } from './probe-paths.ts'
import type { Remark } from './remark.ts'

export interface Lists<Entry> {
  readonly entries: readonly Entry[]
  readonly remarks: readonly Remark[]
}

/** What dracut's own modules have listed in the initramfs (ifcfg, cms, fcoe). */
const INITRAMFS_RWTAB = '/run/initramfs/rwtab'
/** No list is longer: 2 000 long paths are a tenth of it. */
const LIST_BYTES = 1 << 20

/** The entries of /etc/rwtab, /etc/rwtab.d and the initramfs's own list, in this order. */
export function probeRwtab(system: System, root: View): Lists<RwtabEntry> {
  const parsed = listFiles(system, root, '/etc/rwtab').map((file) =>
    parseRwtab(readInside(system, root, file), file),
  )
  return join([...parsed, parseRwtab(readList(system, INITRAMFS_RWTAB), INITRAMFS_RWTAB)])
}

/**
 * The entries of /etc/statetab and /etc/statetab.d, each file read on the state device where it lies there too (`folder`, where
 * it is mounted; undefined for none), and of the device's own list `files`. A list that the device takes over is
 * itself an entry.
 */
export function probeStatetab(
  system: System,
  root: View,
  folder: string | undefined,
): Lists<Listed> {
  const isThere = (path: string) => {
    if (!path.startsWith('/') || path.length > MOST_PATH_UNITS) return false
    const kept = folder === undefined ? undefined : probeKept(system, folder, path)
    const isKept = kept?.kind === 'file' || kept?.kind === 'directory'
    return isKept || probePath(system, root, path).kind !== 'missing'
  }
  const parse = (text: string, file: string) => parseStatetab(text, file, isThere)
  const parsed = listFiles(system, root, '/etc/statetab').map((file) => {
    const kept = folder === undefined ? undefined : probeKept(system, folder, file)
    if (folder === undefined || kept?.kind !== 'file') {
      return parse(readInside(system, root, file), file)
    }
    const { entries, remarks } = parse(readList(system, `${folder}${kept.path}`), file)
    return { entries: [{ path: file, file, line: 0 }, ...entries], remarks }
  })
  if (folder === undefined) return join(parsed)
  return join([...parsed, parse(readList(system, `${folder}/files`), 'files')])
}

function join<Entry>(lists: readonly Lists<Entry>[]): Lists<Entry> {
  return {
    entries: lists.flatMap(({ entries }) => entries),
    remarks: lists.flatMap(({ remarks }) => remarks),
  }
}

/** The list itself and the lists in its folder, sorted by name. */
function listFiles(system: System, root: View, file: string): string[] {
  const folder = resolveFileInside(system, root, `${file}.d`)
  const names = folder === undefined ? [] : tryList(system, root(folder))
  return [file, ...names.filter(isListName).map((name) => `${file}.d/${name}`)]
}

/** A file of the root, links followed inside it; empty when there is none. */
export function readInside(system: System, root: View, path: string): string {
  const at = resolveFileInside(system, root, path)
  return at === undefined ? '' : readList(system, root(at))
}

/** Empty when it is no regular file of a reasonable size. */
function readList(system: System, path: string): string {
  return attempt(() => {
    const { kind, bytes } = system.lstat(path)
    return kind === 'file' && bytes <= LIST_BYTES ? system.readText(path) : ''
  }, '')
}
