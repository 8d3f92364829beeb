import type { FileStat, System } from '../../../../src/machine/system.ts'
import { SystemError } from '../../../../src/machine/system.ts'
import type { Step } from '../../../../src/plan/step.ts'

/** What lies at a path of the model: a whiteout is what OverlayFS leaves for a file of the lower layer that is deleted. */
export interface Node {
  readonly kind: 'file' | 'directory' | 'symlink' | 'whiteout'
  readonly text: string
  readonly inode: number
  readonly modifiedSeconds: number
}

/** What all links of the model say. */
export const LINK_TARGET = '/elsewhere'

/** The folder where the model's state device is mounted. */
export const STATE = '/state'

/** A file system of names, and what the steps of a harvest do to it. Numbers of inodes are used again, as ext4 does. */
export class Device {
  readonly nodes = new Map<string, Node>([[STATE, folder(1)]])

  /** Makes or replaces a file under a new inode, with its folders. */
  put(path: string, text: string, modifiedSeconds: number): void {
    this.makeFolders(parentOf(path))
    this.nodes.set(path, { kind: 'file', text, inode: this.freeInode(), modifiedSeconds })
  }

  /** Writes into the file that is there: also seen under its other names. */
  write(path: string, text: string, modifiedSeconds: number): void {
    const inode = this.nodes.get(path)?.inode
    for (const [name, node] of this.nodes) {
      if (node.inode === inode) this.nodes.set(name, { ...node, text, modifiedSeconds })
    }
  }

  mark(path: string, kind: 'symlink' | 'whiteout'): void {
    this.removeTree(path)
    this.makeFolders(parentOf(path))
    this.nodes.set(path, { kind, text: '', inode: this.freeInode(), modifiedSeconds: 0 })
  }

  makeFolders(path: string): void {
    if (path === '' || this.nodes.has(path)) return
    this.makeFolders(parentOf(path))
    this.nodes.set(path, folder(this.freeInode()))
  }

  removeTree(path: string): void {
    for (const name of [...this.nodes.keys()]) {
      if (name === path || name.startsWith(`${path}/`)) this.nodes.delete(name)
    }
  }

  /** The text of a file; undefined where there is none. */
  text(path: string): string | undefined {
    const node = this.nodes.get(path)
    return node?.kind === 'file' ? node.text : undefined
  }

  private freeInode(): number {
    const used = new Set([...this.nodes.values()].map(({ inode }) => inode))
    let free = 2
    while (used.has(free)) free++
    return free
  }

  /** Each of the changes that a step makes, of which a power cut may leave only the first ones. */
  changes(step: Step): (() => void)[] {
    switch (step.kind) {
      case 'make-directory':
        return [() => this.makeFolders(step.path)]
      case 'make-directories':
        return step.paths.map((path) => () => this.makeFolders(path))
      case 'rename-file':
        return [() => this.rename(step.from, step.to)]
      case 'remove-file':
        return [() => void this.nodes.delete(step.path)]
      case 'remove-tree':
        return [step.path].flat().flatMap((path) =>
          [...this.nodes.keys()]
            .filter((name) => name === path || name.startsWith(`${path}/`))
            .reverse()
            .map((name) => () => void this.nodes.delete(name)),
        )
      case 'replace-file':
        return [() => this.put(step.path, step.text, 0)]
      case 'copy-trees':
        return step.paths.map(
          (path) => () =>
            this.copy(step.from === '/' ? '' : step.from, path, step.to, step.links === true),
        )
      case 'sync-file-system':
        return []
      default:
        throw new Error(`the model has no ${step.kind}`)
    }
  }

  private rename(from: string, to: string): void {
    const node = this.nodes.get(from)
    if (node === undefined) throw new Error(`nothing to rename at ${from}`)
    if (to.startsWith(`${from}/`)) throw new Error(`${to} is in ${from}`)
    if (!this.nodes.has(parentOf(to))) throw new Error(`no folder for ${to}`)
    if (this.nodes.get(to)?.inode === node.inode) return
    if (this.nodes.get(to)?.kind === 'directory') throw new Error(`a folder is at ${to}`)
    for (const [name, each] of [...this.nodes]) {
      if (name !== from && !name.startsWith(`${from}/`)) continue
      this.nodes.delete(name)
      this.nodes.set(`${to}${name.slice(from.length)}`, each)
    }
  }

  private copy(from: string, path: string, to: string, links: boolean): void {
    const inside = [...this.nodes.keys()].filter((name) => name.startsWith(`${from}/${path}/`))
    if (inside.length > 0) {
      for (const name of inside.filter((each) => this.nodes.get(each)?.kind === 'file')) {
        this.copy(from, name.slice(from.length + 1), to, links)
      }
      return
    }
    const node = this.nodes.get(`${from}/${path}`)
    if (node?.kind !== 'file') throw new Error(`no file to copy at ${from}/${path}`)
    this.makeFolders(parentOf(`${to}/${path}`))
    if (links) this.nodes.set(`${to}/${path}`, node)
    else this.put(`${to}/${path}`, node.text, node.modifiedSeconds)
  }

  /** As the probes see it. */
  readonly system = {
    lstat: (path: string) => this.stat(path),
    list: (path: string) => {
      const names = [...this.nodes.keys()].filter((name) => parentOf(name) === path)
      return names.map((name) => name.slice(path.length + 1)).sort()
    },
    readText: (path: string) => this.text(path) ?? missing(path),
    readLink: (path: string) =>
      this.nodes.get(path)?.kind === 'symlink' ? LINK_TARGET : missing(path),
  } as Pick<System, 'lstat' | 'list' | 'readText' | 'readLink'> as System

  private stat(path: string): FileStat {
    const node = this.nodes.get(path)
    if (node === undefined) return missing(path)
    const { inode, modifiedSeconds, text } = node
    const kind = node.kind === 'whiteout' ? 'character' : node.kind
    const rest = {
      mode: 0o755,
      uid: 0,
      gid: 0,
      links: 1,
      device: '8:1',
      allocatedSectors: 0,
      changedSeconds: 0,
    }
    return { ...rest, kind, inode, modifiedSeconds, bytes: text.length, names: '0:0' }
  }
}

function folder(inode: number): Node {
  return { kind: 'directory', text: '', inode, modifiedSeconds: 0 }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function missing(path: string): never {
  throw new SystemError('ENOENT', 'lstat', path)
}
