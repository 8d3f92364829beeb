import { findMount, type Mount, mountOf } from '../../../src/formats/mount-table.ts'

/** A file system's files by their path from its root. */
export interface Tree {
  readonly type: string
  readonly files: Map<string, Entry>
}

/** A file keeps its first bytes alone; an image file says what file system is in it. */
export interface Entry {
  readonly kind: 'file' | 'directory' | 'symlink'
  bytes: number
  start: Uint8Array
  readonly holds?: Tree
}

/** Mounts of one group are peers: what is mounted beneath one is mounted beneath the others. */
export interface MemoryMount extends Mount {
  readonly tree: Tree
  readonly group: number | undefined
}

export interface Disk {
  readonly name: string
  readonly number: string
  sectors: number
  readonly readOnly: boolean
  readonly tree: Tree | undefined
  readonly loop?: {
    readonly file: string
    readonly entry: Entry
    readonly mountId: number
    /** It goes with its mount. */
    readonly autoClear: boolean
  }
  readonly dm?: Dm
}

/** A device-mapper device; its table as the kernel prints it, with devices by their numbers. */
export interface Dm {
  readonly name: string
  readonly uuid: string
  readonly slaves: readonly string[]
  table: string
  /** What counts from the next resume on. */
  loaded?: string | undefined
  suspended?: boolean
  /** Its store ran full. Only a device that was something else in between forgets that. */
  overflow?: boolean
}

export interface State {
  mounts: MemoryMount[]
  disks: Disk[]
  lastId: number
  /** Lines of steps that are done apart from the root which fail. */
  refused?: RegExp
}

/** What a tool says when the kernel says no. */
export class Refused extends Error {}

export const BUSY = 'target is busy.'

export function directory(): Entry {
  return { kind: 'directory', bytes: 0, start: new Uint8Array() }
}

/** A file of that length, which begins like this. */
export function file(bytes: number, start: readonly number[] = [], holds?: Tree): Entry {
  return { kind: 'file', bytes, start: Uint8Array.from(start), ...(holds && { holds }) }
}

/** A file system with folders of these names. */
export function tree(type: string, folders: readonly string[] = []): Tree {
  return { type, files: new Map(['/', ...folders].map((path) => [path, directory()])) }
}

/** Where a path leads: the mount that it lies on, and the path from the root of its file system. */
export function resolve(state: State, path: string): { mount: MemoryMount; inner: string } {
  const mount = mountOf(state.mounts, path) as MemoryMount
  const rest = mount.mountPoint === '/' ? path : path.slice(mount.mountPoint.length)
  return { mount, inner: `${mount.root === '/' ? '' : mount.root}${rest}` || '/' }
}

export function entryAt(state: State, path: string): Entry | undefined {
  const { mount, inner } = resolve(state, path)
  return mount.tree.files.get(inner)
}

export function nextId(state: State): number {
  state.lastId++
  return state.lastId
}

type NewMount = Pick<
  MemoryMount,
  'device' | 'root' | 'fsType' | 'source' | 'superOptions' | 'tree'
> & {
  readonly mountPoint: string
  readonly options: readonly string[]
}

/** Adds a mount; below a shared one it is shared too, and its parent's peers get it as well. */
export function addMount(state: State, added: NewMount, source?: MemoryMount): void {
  if (entryAt(state, added.mountPoint)?.kind !== 'directory') {
    throw new Refused('mount point does not exist.')
  }
  const parent = resolve(state, added.mountPoint).mount
  const group = parent.group === undefined ? undefined : (source?.group ?? nextId(state))
  for (const peer of peersOf(state, parent)) {
    const mountPoint = peer.mountPoint + added.mountPoint.slice(parent.mountPoint.length)
    state.mounts.push({
      ...added,
      mountPoint,
      group,
      mountId: nextId(state),
      parentId: peer.mountId,
    })
  }
}

/** The topmost mount at a path goes, and with it the same of its parent's peers. */
export function removeMount(state: State, at: string): void {
  const mount = findMount(state.mounts, at) as MemoryMount | undefined
  if (mount === undefined) throw new Refused('not mounted.')
  const hasChild = state.mounts.some(({ parentId }) => parentId === mount.mountId)
  const hasLoop = state.disks.some(({ loop }) => loop?.mountId === mount.mountId)
  if (hasChild || hasLoop) throw new Refused(BUSY)
  const parent = state.mounts.find(({ mountId }) => mountId === mount.parentId) as MemoryMount
  const below = at.slice(parent.mountPoint.length)
  for (const peer of peersOf(state, parent)) {
    state.mounts = state.mounts.filter(
      (other) =>
        other.parentId !== peer.mountId || other.mountPoint !== `${peer.mountPoint}${below}`,
    )
  }
  state.disks = state.disks.filter(
    ({ loop, number }) => !loop?.autoClear || state.mounts.some(({ device }) => device === number),
  )
}

function peersOf(state: State, mount: MemoryMount): MemoryMount[] {
  return state.mounts.filter(
    (other) => other === mount || (mount.group !== undefined && other.group === mount.group),
  )
}

/** What holdfast writes for others to read, and does not take back. */
const WORD = /^\/run\/(holdfast\/|motd\.d\/|initramfs\/\.need_shutdown$)/

/** All that a walk back has to bring back, as text: mounts, devices, and the files that can be seen. */
export function describe({ mounts, disks }: State): string[] {
  return [
    ...mounts.map(({ device, root, mountPoint, options, superOptions, fsType, group }) =>
      [mountPoint, device, root, fsType, options, superOptions, group && 'shared'].join(' '),
    ),
    ...disks.map(({ name, loop, dm }) => [name, loop?.file, dm?.name, dm?.slaves].join(' ')),
    ...mounts.flatMap(({ mountPoint, tree }) =>
      [...tree.files].flatMap(([path, { kind, bytes }]) => {
        const whole = `${mountPoint}${path}`
        return kind === 'directory' || WORD.test(whole) ? [] : [`${whole} ${bytes}`]
      }),
    ),
  ].sort()
}
