import { findMount } from '../../../src/formats/mount-table.ts'
import {
  attach,
  changeDm,
  createDm,
  detach,
  findDisk,
  isHeld,
  removeDm,
  setCapacity,
} from './devices.ts'
import {
  addMount,
  type Disk,
  type Entry,
  entryAt,
  file,
  type MemoryMount,
  nextId,
  Refused,
  removeMount,
  resolve,
  type State,
  type Tree,
  tree,
} from './state.ts'

type Program = (state: State, words: readonly string[]) => string

/** The programs that steps run, as far as holdfast uses them. Stricter than the real ones where those are kind. */
export const programs: Readonly<Record<string, Program>> = {
  modprobe: () => '',
  mount: runMount,
  umount(state, [at = '']) {
    removeMount(state, at)
    return ''
  },
  losetup(state, words) {
    if (words[0] === '--set-capacity') return setCapacity(state, words)
    return words[0] === '--detach' ? detach(state, words) : attach(state, words)
  },
  dmsetup(state, words) {
    if (words[0] === 'create') return createDm(state, words)
    return words[0] === 'remove' ? removeDm(state, words) : changeDm(state, words)
  },
  fallocate(state, words) {
    const [path = ''] = words.slice(-1)
    const number = (name: string) => (words.includes(name) ? words[words.indexOf(name) + 1] : '0')
    const entry = entryAt(state, path)
    const end = Number(number('--offset')) + Number(number('--length'))
    if (entry === undefined) putFile(state, path, end)
    else entry.bytes = Math.max(entry.bytes, end)
    return ''
  },
  sync: () => '',
  env: (state, [, name = '', ...words]) => programs[name]?.(state, words) ?? '',
  unshare: runApart,
  cp(state, words) {
    const at = words.indexOf('--target-directory')
    if (at >= 0) {
      for (const from of words.slice(at + 2)) {
        putFile(state, `${words[at + 1]}/${from.slice(from.lastIndexOf('/') + 1)}`, 1 << 16)
      }
      return ''
    }
    const [from = '', to = ''] = words.slice(-2)
    const entry = entryAt(state, from)
    if (entry === undefined) throw new Refused('No such file or directory')
    putFile(state, to, entry.bytes, entry)
    return ''
  },
  dd(state, words) {
    const word = (name: string) => words.find((each) => each.startsWith(name))?.slice(name.length)
    const path = word('of=') ?? ''
    const entry = entryAt(state, path)
    const isAppended = words.includes('oflag=append')
    const end = isAppended
      ? (entry?.bytes ?? 0) + Number(word('count='))
      : Number(word('bs=')) * (Number(word('seek=')) + Number(word('count=')))
    if (entry === undefined) putFile(state, path, end)
    else entry.bytes = Math.max(entry.bytes, end)
    return ''
  },
}

/** The lines of the inner shell, and those of its function `finish` at the end of it, whatever happens. */
function runApart(state: State, words: readonly string[]): string {
  const [, quoted = ''] = /\/bin\/sh -c '([\s\S]*)'$/.exec(words.at(-1) ?? '') ?? []
  const script = quoted.replaceAll("'\\''", "'")
  const [, finish = ''] = /finish\(\) \{\nset \+e\n([\s\S]*?)\n\}\n/.exec(script) ?? []
  const [, main = ''] = /\nset -e\n([\s\S]*)$/.exec(script) ?? []
  try {
    for (const line of main.split('\n')) runLine(state, line)
  } finally {
    for (const line of finish.split('\n')) tryLine(state, line)
  }
  return ''
}

function runLine(state: State, line: string): void {
  const [name = '', ...words] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([word, inner]) => inner ?? word,
  )
  if (state.refused?.test(line)) throw new Refused('does not work today')
  programs[name]?.(state, words)
}

function tryLine(state: State, line: string): void {
  try {
    runLine(state, line)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
  }
}

function putFile(state: State, path: string, bytes: number, like?: Entry): void {
  const { mount, inner } = resolve(state, path)
  if (mount.options.includes('ro')) throw new Refused('Read-only file system')
  mount.tree.files.set(inner, file(bytes, [...(like?.start ?? [])], like?.holds))
}

function runMount(state: State, words: readonly string[]): string {
  const [source = '', at = ''] = words.slice(-2)
  const options = words.includes('-o') ? (words[words.indexOf('-o') + 1] ?? '').split(',') : []
  if (words[0] === '--bind') bind(state, source, at, words.includes('--make-private'))
  else if (options[0] === 'remount') remount(state, at, options.slice(1))
  else if (options[0] === 'loop') mountFile(state, words[1] ?? '', options.slice(1), source, at)
  else mountDevice(state, words[1] ?? '', options, source, at)
  return ''
}

/** mount(8) makes the loop device, and takes it away again when the mount fails. */
function mountFile(
  state: State,
  type: string,
  options: readonly string[],
  file: string,
  at: string,
): void {
  const node = attach(state, ['--read-only', file], true).trim()
  try {
    mountDevice(state, type, options, node, at)
  } catch (error) {
    detach(state, ['', node])
    throw error
  }
}

function bind(state: State, from: string, at: string, apart: boolean): void {
  const { mount, inner } = resolve(state, from)
  addMount(state, { ...mount, root: inner, mountPoint: at }, mount)
  if (!apart) return
  const made = findMount(state.mounts, at) as MemoryMount
  state.mounts = state.mounts.map((each) => (each === made ? { ...each, group: undefined } : each))
}

function remount(state: State, at: string, options: readonly string[]): void {
  const mount = findMount(state.mounts, at)
  const mode = modeOf(options)
  const change = (all: readonly string[]) => [
    mode,
    ...all.slice(1).filter((option) => option !== 'noexec' || !options.includes('exec')),
  ]
  state.mounts = state.mounts.map((each) =>
    each === mount
      ? { ...each, options: change(each.options), superOptions: change(each.superOptions) }
      : each,
  )
}

function modeOf(options: readonly string[]): string {
  return options.filter((option) => option === 'ro' || option === 'rw').at(-1) ?? 'rw'
}

/** Options of the mount itself; the others are the file system's. */
const OF_MOUNT = ['noatime', 'relatime', 'nodev', 'nosuid', 'noexec']

function mountDevice(
  state: State,
  type: string,
  given: readonly string[],
  source: string,
  at: string,
): void {
  const mode = modeOf(given)
  const others = given.filter((option) => option !== 'ro' && option !== 'rw')
  const inMount = others.filter((option) => OF_MOUNT.includes(option))
  const shown = {
    mountPoint: at,
    root: '/',
    source,
    options: [mode, ...(inMount.length === 0 ? ['relatime'] : inMount)],
    superOptions: [mode, 'seclabel', ...others.filter((option) => !OF_MOUNT.includes(option))],
  }
  if (type === 'tmpfs' || type === 'ramfs' || type === 'overlay') {
    const made = tree(type)
    addMount(state, { ...shown, device: `0:${nextId(state)}`, fsType: type, tree: made })
    return
  }
  const disk = findDisk(state, source)
  const held = mountable(state, disk, type, mode)
  if (others.includes('bad')) throw new Refused(`${at}: mount failed: Invalid argument.`)
  addMount(state, { ...shown, device: disk.number, fsType: held.type, tree: held })
}

function mountable(state: State, disk: Disk, type: string, mode: string): Tree {
  const held = disk.tree
  if (held === undefined || (type !== 'auto' && type !== held.type)) {
    throw new Refused('wrong fs type, bad option, bad superblock')
  }
  if (mode === 'rw' && disk.readOnly) throw new Refused('is write-protected')
  const other = state.mounts.find(({ device }) => device === disk.number)
  const differs = other !== undefined && other.superOptions[0] !== mode
  if (differs || isHeld(state, disk)) throw new Refused('already mounted or mount point busy.')
  return held
}
