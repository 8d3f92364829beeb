import { attempt } from '../../../src/machine/attempt.ts'
import {
  type FileStat,
  type RunResult,
  type System,
  SystemError,
} from '../../../src/machine/system.ts'
import { procAndSys } from './proc-and-sys.ts'
import { programs } from './programs.ts'
import { directory, type Entry, entryAt, file, Refused, resolve, type State } from './state.ts'

/** A machine in memory: a System whose mounts, loop and device-mapper devices are plain data. */
export interface MemoryMachine extends System {
  readonly state: State
  readonly printed: { stdout: string; stderr: string }
  /** How often it has been changed, and the change (counted from 1) that fails once. */
  changes: number
  failAt: number
  /** Programs that always fail: those whose command line has this in it. */
  failOn: RegExp | undefined
  /** Everything that was run, a line each. */
  readonly ran: string[]
  cmdline: string
}

const stopped = { status: 32, stdout: '', timedOut: false }
/** Programs that may leave a part of their work behind. */
const LEAVES_PART = ['fallocate', 'dd', 'cp']

/** A machine in that state, in a dracut initramfs without systemd. */
export function memoryMachine(state: State, cmdline = ''): MemoryMachine {
  const printed = { stdout: '', stderr: '' }
  let now = 0
  const fails = () => {
    machine.changes++
    return machine.changes === machine.failAt
  }
  const change = (path: string, body: (mount: ReturnType<typeof resolve>) => void) => {
    if (fails()) throw new SystemError('EIO', 'write', path)
    const place = resolve(state, path)
    if (place.mount.options.includes('ro')) throw new SystemError('EROFS', 'write', path)
    body(place)
  }
  const made = (path: string) => procAndSys(machine).get(path)
  const find = (path: string): Entry => {
    const entry = entryAt(state, path)
    if (entry === undefined) throw new SystemError('ENOENT', 'read', path)
    return entry
  }
  const machine: MemoryMachine = {
    state,
    printed,
    changes: 0,
    failAt: 0,
    failOn: undefined,
    ran: [],
    cmdline,
    argv: [],
    env: (name) => ({ NEWROOT: '/sysroot', DRACUT_SYSTEMD: '1' })[name],
    isTerminal: () => false,
    terminalColumns: 80,
    print(stream, text) {
      printed[stream] += text
    },
    readText: (path) => made(path) ?? String.fromCharCode(...find(path).start),
    readBytes(path, offset, length) {
      const { start, bytes } = path.startsWith('/dev/') ? file(1 << 20) : find(path)
      const slice = new Uint8Array(Math.max(0, Math.min(length, bytes - offset)))
      slice.set(start.subarray(offset, offset + slice.length))
      return slice
    },
    openExclusive(path) {
      const number = state.disks.find(({ name }) => `/dev/${name}` === path)?.number
      if (state.mounts.some(({ device }) => device === number))
        throw new SystemError('EBUSY', 'open', path)
    },
    list(path) {
      const below = [...procAndSys(machine).keys()].filter((each) => each.startsWith(`${path}/`))
      return [
        ...new Set(below.map((each) => each.slice(path.length + 1).split('/')[0] ?? '')),
      ].sort()
    },
    stat: (path) => statOf(machine, path, made, find),
    exists: (path) => attempt(() => machine.stat(path) !== undefined, false),
    lstat: (path) => statOf(machine, path, made, find),
    readLink(path) {
      throw new SystemError('EINVAL', 'read link', path)
    },
    freeBytes: () => 2 ** 30,
    writeText: (path, text) =>
      change(path, ({ mount, inner }) => {
        mount.tree.files.set(
          inner,
          file(
            text.length,
            [...text].map((letter) => letter.charCodeAt(0)),
          ),
        )
      }),
    writeBytes: (path, offset, bytes) =>
      change(path, () => {
        const entry = find(path)
        const start = new Uint8Array(Math.max(entry.start.length, offset + bytes.length))
        start.set(entry.start)
        start.set(bytes, offset)
        entry.start = start
      }),
    truncate: (path, bytes) =>
      change(path, ({ mount, inner }) => mount.tree.files.set(inner, file(bytes))),
    sync: (path) => change(path, () => find(path)),
    makeDirectory: (path) =>
      change(path, ({ mount, inner }) => {
        if (!mount.tree.files.has(inner)) mount.tree.files.set(inner, directory())
      }),
    removeDirectory: (path) => change(path, ({ mount, inner }) => mount.tree.files.delete(inner)),
    copyFile: (from, to) =>
      change(to, ({ mount, inner }) => {
        const { bytes, start } = find(from)
        mount.tree.files.set(inner, file(bytes, [...start]))
      }),
    symlink: (_target, path) =>
      change(path, ({ mount, inner }) => {
        if (mount.tree.files.has(inner)) throw new SystemError('EEXIST', 'link', path)
        mount.tree.files.set(inner, file(0))
      }),
    rename: (from, to) =>
      change(from, ({ mount, inner }) => {
        mount.tree.files.set(resolve(state, to).inner, find(from))
        mount.tree.files.delete(inner)
      }),
    removeFile: (path) =>
      change(path, ({ mount, inner }) => {
        if (!mount.tree.files.delete(inner)) throw new SystemError('ENOENT', 'remove', path)
      }),
    run: (argv) => runProgram(machine, argv, fails),
    watch: () => ({ kind: 'working' }),
    sleep(ms) {
      now += ms
    },
    monotonicMs: () => now,
    epochSeconds: () => 0,
  }
  return machine
}

function runProgram(
  machine: MemoryMachine,
  argv: readonly string[],
  fails: () => boolean,
): RunResult {
  const [name = '', ...words] = argv
  const line = argv.join(' ')
  machine.ran.push(line)
  const fail = fails()
  if (machine.failOn?.test(line)) return { ...stopped, stderr: `${name}: does not work today\n` }
  if (fail && !LEAVES_PART.includes(name)) return { ...stopped, stderr: `${name}: this once\n` }
  try {
    const stdout = programs[name]?.(machine.state, words) ?? ''
    return fail
      ? { ...stopped, stderr: `${name}: half way\n` }
      : { ...stopped, status: 0, stdout, stderr: '' }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { ...stopped, stderr: `${name}: ${error.message}\n` }
  }
}

const inodes = new WeakMap<Entry, number>()
let lastInode = 1

/** A number of its own for each file. */
export function inodeOf(entry: Entry): number {
  const known = inodes.get(entry) ?? ++lastInode
  inodes.set(entry, known)
  return known
}

function statOf(
  { state }: MemoryMachine,
  path: string,
  made: (path: string) => string | undefined,
  find: (path: string) => Entry,
): FileStat {
  const disk = state.disks.find(({ name }) => `/dev/${name}` === path)
  const base = {
    mode: 0o600,
    uid: 0,
    gid: 0,
    inode: 1,
    links: 1,
    device: '0:1',
    modifiedSeconds: 0,
    changedSeconds: 0,
  }
  if (disk) return { ...base, kind: 'block', bytes: 0, names: disk.number, allocatedSectors: 0 }
  const entry = made(path) === undefined ? find(path) : file(0)
  const { kind, bytes } = entry
  const { device } = resolve(state, path).mount
  return {
    ...base,
    inode: inodeOf(entry),
    device,
    kind,
    bytes,
    names: '0:0',
    allocatedSectors: bytes / 512,
  }
}
