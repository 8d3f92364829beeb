import {
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** What a file has beside its content. */
export interface Attributes {
  /** Permission bits; 0o644 for a file, 0o755 for a folder when not given. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** In seconds since 1970. */
  readonly mtime?: number
  /** Extended attributes, their values in hexadecimal. */
  readonly xattrs?: Readonly<Record<string, string>>
}

type Entry = Attributes & ({ text: string } | { target: string } | { folder: true })

/** Files by their paths; a text alone is a file's content. Folders on the way are made. */
export type Files = Readonly<Record<string, string | Entry>>

export function file(text: string, attributes: Attributes = {}): Entry {
  return { text, ...attributes }
}

export function folder(attributes: Attributes = {}): Entry {
  return { folder: true, ...attributes }
}

export function link(target: string): Entry {
  return { target }
}

/** Extended attributes as setfattr takes them: path, name, value. */
export type XattrCall = readonly [path: string, name: string, value: string]

/** Makes the files below `root`; returns the extended attributes, for which Node has no call. */
export function writeTree(root: string, files: Files): XattrCall[] {
  const paths = Object.keys(files).sort()
  const made = paths.map((path) => {
    const entry = files[path]!
    return { path, at: join(root, path), entry: typeof entry === 'string' ? file(entry) : entry }
  })
  for (const { at, entry } of made) make(at, entry)
  // Last, and what is below a folder before it: each new file changes the time of its folder.
  for (const { at, entry } of made.reverse()) {
    if (entry.mtime !== undefined) lutimesSync(at, entry.mtime, entry.mtime)
  }
  return made.flatMap(({ path, entry }) =>
    Object.entries(entry.xattrs ?? {}).map(([name, value]): XattrCall => [path, name, value]),
  )
}

function make(at: string, entry: Entry): void {
  mkdirSync(dirname(at), { recursive: true })
  if ('target' in entry) return symlinkSync(entry.target, at)
  if ('text' in entry) writeFileSync(at, entry.text)
  else mkdirSync(at, { recursive: true })
  lchownSync(at, entry.uid ?? 0, entry.gid ?? 0)
  chmodSync(at, entry.mode ?? ('text' in entry ? 0o644 : 0o755))
}

/** One line for each file below a folder: kind, permissions, owner, time in ms, content. */
export function listTree(root: string): Record<string, string> {
  const lines: Record<string, string> = {}
  const visit = (path: string): void => {
    const at = `${root}${path}`
    lines[path] = describe(at)
    if (!lstatSync(at).isDirectory()) return
    for (const name of readdirSync(at).sort()) visit(path === '/' ? `/${name}` : `${path}/${name}`)
  }
  visit('/')
  return lines
}

/** The paths in a folder and below, each kind told: folders end with a slash. */
export function listNames(root: string): string[] {
  return Object.entries(listTree(root)).flatMap(([path, line]) =>
    path === '/' ? [] : [line.startsWith('folder') ? `${path}/` : path],
  )
}

function describe(at: string): string {
  const stats = lstatSync(at)
  const { uid, gid, mtimeMs } = stats
  const mode = (stats.mode & 0o7777).toString(8)
  const common = `${mode} ${uid}:${gid} ${mtimeMs}`
  if (stats.isDirectory()) return `folder ${common}`
  if (stats.isSymbolicLink()) return `link ${common} ${readlinkSync(at)}`
  if (stats.isFile()) return `file ${common} ${JSON.stringify(readFileSync(at, 'utf8'))}`
  return `other ${stats.mode} ${stats.rdev} ${common}`
}
