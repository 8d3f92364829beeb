import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import { isatty } from 'node:tty'
import { CHILD_ENVIRONMENT, DEFAULT_TIMEOUT_MS, notStarted } from './child-process.ts'
import { errnoName } from './errno.ts'
import { fileStat, type RawStat } from './file-stat.ts'
import { makeDirectory } from './make-directory.ts'
import { type RunResult, type System, SystemError } from './system.ts'

const FDS = { stdout: 1, stderr: 2 }

/** The machine seen from Node; `argv` are the arguments after the program's own name. */
export function nodeSystem(argv: readonly string[]): System {
  const stat = (path: string) => fileStat(call('stat', path, () => rawStat(fs.statSync(path))))
  const mkdir = (path: string) => call('make directory', path, () => fs.mkdirSync(path))
  return {
    argv,
    env: (name) => process.env[name],
    isTerminal: (stream) => isatty(FDS[stream]),
    get terminalColumns() {
      return (isatty(1) && process.stdout.columns) || 80
    },
    print: (stream, text) => print(FDS[stream], Buffer.from(text)),

    readText: (path) => call('read', path, () => fs.readFileSync(path).toString()),
    readBytes: (path, offset, length) =>
      withFile('read', path, 'r', (fd) => readFrom(fd, offset, length)),
    openExclusive: (path) =>
      withFile('open', path, fs.constants.O_RDONLY | fs.constants.O_EXCL, () => {}),
    list: (path) => call('list', path, () => fs.readdirSync(path)).sort(),
    exists: (path) => fs.existsSync(path),
    stat,
    lstat: (path) => fileStat(call('stat', path, () => rawStat(fs.lstatSync(path)))),
    readLink: (path) => call('read link', path, () => fs.readlinkSync(path)),
    freeBytes: (path) =>
      call('stat file system', path, () => {
        const { bavail, bsize } = fs.statfsSync(path)
        return bavail * bsize
      }),

    writeText: (path, text) =>
      call('write', path, () => fs.writeFileSync(path, text, { mode: 0o644 })),
    writeBytes: (path, offset, bytes) =>
      withFile('write', path, fs.constants.O_WRONLY, (fd) => {
        writeAll(fd, bytes, offset)
        fs.fsyncSync(fd)
      }),
    truncate: (path, bytes) =>
      withFile('truncate', path, fs.constants.O_WRONLY | fs.constants.O_CREAT, (fd) =>
        fs.ftruncateSync(fd, bytes),
      ),
    sync: (path) => withFile('sync', path, 'r', (fd) => fs.fsyncSync(fd)),
    makeDirectory: (path) =>
      makeDirectory({ mkdir, isDirectory: (at) => stat(at).kind === 'directory' }, path),
    removeDirectory: (path) => call('remove directory', path, () => fs.rmdirSync(path)),
    copyFile: (from, to) => call('copy', from, () => fs.copyFileSync(from, to)),
    symlink: (target, path) => call('link', path, () => fs.symlinkSync(target, path)),
    rename: (from, to) => call('rename', from, () => fs.renameSync(from, to)),
    removeFile: (path) => call('remove', path, () => fs.unlinkSync(path)),

    run,
    watch: () => ({ kind: 'working' }),
    sleep,
    monotonicMs() {
      const [seconds, nanoseconds] = process.hrtime()
      return seconds * 1000 + Math.floor(nanoseconds / 1e6)
    },
    epochSeconds: () => Math.floor(Date.now() / 1000),
  }
}

function rawStat(stats: fs.Stats): RawStat {
  const { mode, uid, gid, size, ino, nlink, dev, rdev, blocks } = stats
  const mtime = Math.floor(stats.mtimeMs / 1000)
  const ctime = Math.floor(stats.ctimeMs / 1000)
  return { mode, uid, gid, size, ino, nlink, dev, rdev, blocks, mtime, ctime }
}

/** Node checks some arguments itself and then gives no errno: such a path is EINVAL to the kernel too. */
function codeOf(error: unknown): string {
  const { errno, code } = error as { errno?: unknown; code?: unknown }
  if (typeof errno === 'number') return errnoName(-errno)
  if (code === 'ERR_INVALID_ARG_VALUE') return 'EINVAL'
  throw error
}

function call<Value>(operation: string, path: string, body: () => Value): Value {
  try {
    return body()
  } catch (error) {
    throw new SystemError(codeOf(error), operation, path)
  }
}

function withFile<Value>(
  operation: string,
  path: string,
  flags: string | number,
  body: (fd: number) => Value,
): Value {
  return call(operation, path, () => {
    const fd = fs.openSync(path, flags, 0o600)
    try {
      return body(fd)
    } finally {
      fs.closeSync(fd)
    }
  })
}

function readFrom(fd: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const got = fs.readSync(fd, bytes, done, length - done, offset + done)
    if (got === 0) break
    done += got
  }
  return done === length ? bytes : bytes.slice(0, done)
}

function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  let done = 0
  while (done < bytes.length) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done, offset + done)
  }
}

/** A reader that has gone away is no error of ours; a descriptor set non-blocking is waited for. */
function print(fd: number, bytes: Uint8Array): void {
  let done = 0
  while (done < bytes.length) {
    try {
      done += fs.writeSync(fd, bytes, done)
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') return
      sleep(1)
    }
  }
}

/** In a session of its own, so that a timeout can end what the program started as well. */
function run(argv: readonly string[], timeoutMs = DEFAULT_TIMEOUT_MS): RunResult {
  const [program = '', ...rest] = argv
  const options: SpawnSyncOptions & { detached: true } = {
    env: CHILD_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // 0 would be no limit.
    timeout: Math.max(1, timeoutMs),
    killSignal: 'SIGKILL',
    maxBuffer: Number.POSITIVE_INFINITY,
    detached: true,
  }
  try {
    const { pid, status, signal, stdout, stderr, error } = spawnSync(program, rest, options)
    const timedOut = error !== undefined && codeOf(error) === 'ETIMEDOUT'
    if (error !== undefined && !timedOut) return notStarted(program, codeOf(error))
    if (timedOut) killGroup(pid)
    return {
      status: status ?? 128 + (signal === null ? 0 : os.constants.signals[signal]),
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      timedOut,
    }
  } catch (error) {
    return notStarted(program, codeOf(error))
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in the group.
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
