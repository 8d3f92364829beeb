import { type FileStat, type System, SystemError } from '../../src/machine/system.ts'

/** What a System of maps holds: texts and links by path, block devices by node, bytes of devices and files. */
export interface Maps {
  readonly texts?: Readonly<Record<string, string>>
  readonly links?: Readonly<Record<string, string>>
  /** "major:minor" of device nodes, and of links that lead to one. */
  readonly blocks?: Readonly<Record<string, string>>
  readonly bytes?: Readonly<Record<string, Uint8Array>>
  readonly kinds?: Readonly<Record<string, FileStat['kind']>>
  /** What stat says of these otherwise than of others. */
  readonly stats?: Readonly<Record<string, Partial<FileStat>>>
  /** Devices that somebody has for himself. */
  readonly busy?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** A System that can be read, and printed to; its clock goes on by sleeping. Anything else is not there. */
export function mapSystem(maps: Maps): System & { readonly printed: string[] } {
  const { texts = {}, links = {}, blocks = {}, bytes = {}, kinds = {}, environment = {} } = maps
  const { stats = {}, busy = [] } = maps
  const all = [texts, links, blocks, bytes, kinds].flatMap((record) => Object.keys(record))
  const printed: string[] = []
  let now = 0
  const missing = (path: string) => new SystemError('ENOENT', 'read', path)
  const get = <Value>(record: Readonly<Record<string, Value>>, path: string): Value => {
    const found = record[path]
    if (found === undefined) throw missing(path)
    return found
  }
  const lstat = (path: string): FileStat => {
    const names = blocks[path]
    const there = path in texts || path in bytes || path in links
    const folder = all.some((each) => each.startsWith(`${path}/`)) ? 'directory' : undefined
    const kind = kinds[path] ?? (names === undefined ? (there ? 'file' : folder) : 'block')
    if (kind === undefined) throw missing(path)
    const inode = 1 + all.indexOf(path)
    const base = {
      mode: 0o644,
      uid: 0,
      gid: 0,
      inode,
      links: 1,
      device: '0:1',
      modifiedSeconds: 0,
      changedSeconds: 0,
    }
    return {
      ...base,
      kind,
      bytes: bytes[path]?.length ?? texts[path]?.length ?? 0,
      names: names ?? '0:0',
      allocatedSectors: 0,
      ...stats[path],
    }
  }
  const readOnly = () => {
    throw new SystemError('EROFS', 'write', '/')
  }
  return {
    printed,
    argv: [],
    env: (name) => environment[name],
    isTerminal: () => false,
    terminalColumns: 80,
    print: (stream, text) => printed.push(`${stream}: ${text}`),
    readText: (path) => get(texts, path),
    readBytes: (path, offset, length) => get(bytes, path).slice(offset, offset + length),
    openExclusive(path) {
      if (busy.includes(path)) throw new SystemError('EBUSY', 'open', path)
    },
    list(path) {
      const below = all.filter((each) => each.startsWith(`${path}/`))
      if (below.length === 0) throw missing(path)
      return [
        ...new Set(below.map((each) => each.slice(path.length + 1).split('/')[0] ?? '')),
      ].sort()
    },
    stat(path) {
      const found = lstat(path)
      return found.kind === 'symlink' ? { ...found, kind: 'file' } : found
    },
    lstat,
    exists: (path) => all.some((each) => each === path || each.startsWith(`${path}/`)),
    readLink: (path) => get(links, path),
    freeBytes: () => 0,
    writeText: readOnly,
    writeBytes: readOnly,
    truncate: readOnly,
    sync: readOnly,
    makeDirectory: readOnly,
    removeDirectory: readOnly,
    copyFile: readOnly,
    symlink: readOnly,
    rename: readOnly,
    removeFile: readOnly,
    run: () => ({ status: 127, stdout: '', stderr: 'ENOENT', timedOut: false }),
    sleep(ms) {
      now += ms
    },
    monotonicMs: () => now,
    watch: () => ({ kind: 'working' }),
    epochSeconds: () => 0,
  }
}
