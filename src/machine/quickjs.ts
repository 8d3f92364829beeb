import * as machine from 'qjs:machine'
import { CHILD_ENVIRONMENT, DEFAULT_TIMEOUT_MS, notStarted } from './child-process.ts'
import { errnoName } from './errno.ts'
import { fileStat } from './file-stat.ts'
import { makeDirectory } from './make-directory.ts'
import { type System, SystemError, type Watch } from './system.ts'

/** open(2) flags, include/uapi/asm-generic/fcntl.h; machine.open adds O_CLOEXEC. */
const O_RDONLY = 0
const O_WRONLY = 1
const O_CREAT = 0o100
const O_EXCL = 0o200
const O_TRUNC = 0o1000
const FDS = { stdout: 1, stderr: 2 }

/** What a disk that has stopped needs to start again, and more; to sync takes what was written before along. */
const LONGEST_CALL_MS = 60_000
const LONGEST_SYNC_MS = 180_000
const SYNCING = ['sync', 'write']

/** The machine seen from QuickJS, by the module that build/engine/machine.c adds to it. */
export function quickjsSystem(): System {
  const environment = Object.fromEntries(machine.environment().map(splitVariable))
  const stat = (path: string) => fileStat(call('stat', path, () => machine.stat(path)))
  const mkdir = (path: string) => call('make directory', path, () => machine.mkdir(path))
  return {
    argv: machine.argv(),
    env: (name) => environment[name],
    isTerminal: (stream) => machine.columns(FDS[stream]) >= 0,
    get terminalColumns() {
      const columns = machine.columns(1)
      return columns > 0 ? columns : 80
    },
    print: (stream, text) => print(FDS[stream], new Uint8Array(machine.utf8(text))),

    readText: (path) => call('read', path, () => machine.readText(path)),
    readBytes: (path, offset, length) =>
      withFile('read', path, O_RDONLY, 0, (fd) => readFrom(fd, offset, length)),
    openExclusive: (path) => withFile('open', path, O_RDONLY | O_EXCL, 0, () => {}),
    list: (path) => call('list', path, () => machine.list(path)).sort(),
    exists: (path) => call('stat', path, () => machine.exists(path)),
    stat,
    lstat: (path) => fileStat(call('stat', path, () => machine.lstat(path))),
    readLink: (path) => call('read link', path, () => machine.readlink(path)),
    freeBytes: (path) => call('stat file system', path, () => machine.freeBytes(path)),

    writeText: (path, text) =>
      withFile('write', path, O_WRONLY | O_CREAT | O_TRUNC, 0o644, (fd) =>
        writeAll(fd, new Uint8Array(machine.utf8(text)), -1),
      ),
    writeBytes: (path, offset, bytes) =>
      withFile('write', path, O_WRONLY, 0, (fd) => {
        writeAll(fd, bytes, offset)
        machine.fsync(fd)
      }),
    truncate: (path, bytes) =>
      withFile('truncate', path, O_WRONLY | O_CREAT, 0o600, (fd) => machine.ftruncate(fd, bytes)),
    sync: (path) => withFile('sync', path, O_RDONLY, 0, (fd) => machine.fsync(fd)),
    makeDirectory: (path) =>
      makeDirectory({ mkdir, isDirectory: (at) => stat(at).kind === 'directory' }, path),
    removeDirectory: (path) => call('remove directory', path, () => machine.rmdir(path)),
    copyFile: (from, to) =>
      withFile('copy', from, O_RDONLY, 0, (source) =>
        withFile('write', to, O_WRONLY | O_CREAT | O_TRUNC, stat(from).mode, (target) =>
          copyToEnd(source, target),
        ),
      ),
    symlink: (target, path) => call('link', path, () => machine.symlink(target, path)),
    rename: (from, to) => call('rename', from, () => machine.rename(from, to)),
    removeFile: (path) => call('remove', path, () => machine.unlink(path)),

    run(argv, timeoutMs = DEFAULT_TIMEOUT_MS) {
      const variables = Object.entries(CHILD_ENVIRONMENT)
      try {
        return machine.spawn(
          argv,
          variables.map((pair) => pair.join('=')),
          timeoutMs,
        )
      } catch (error) {
        return notStarted(argv[0] ?? '', codeOf(error))
      }
    },
    watch,
    sleep: machine.sleep,
    monotonicMs: machine.monotonicMs,
    epochSeconds: () => Math.floor(machine.epochMs() / 1000),
  }
}

function watch(): Watch {
  try {
    const end = machine.watched()
    if (end === undefined) return { kind: 'working' }
    return typeof end === 'number' ? { kind: 'ended', status: end } : { kind: 'stuck', path: end }
  } catch {
    // Better with nobody watching than not at all.
    return { kind: 'working' }
  }
}

function splitVariable(variable: string): [string, string] {
  const at = variable.indexOf('=')
  return [variable.slice(0, at), variable.slice(at + 1)]
}

function codeOf(error: unknown): string {
  const errno = (error as { errno?: unknown } | null)?.errno
  if (typeof errno !== 'number') throw error
  return errnoName(errno)
}

function call<Value>(operation: string, path: string, body: () => Value): Value {
  machine.enter(path, SYNCING.includes(operation) ? LONGEST_SYNC_MS : LONGEST_CALL_MS)
  try {
    return body()
  } catch (error) {
    throw new SystemError(codeOf(error), operation, path)
  } finally {
    machine.leave()
  }
}

function withFile<Value>(
  operation: string,
  path: string,
  flags: number,
  mode: number,
  body: (fd: number) => Value,
): Value {
  return call(operation, path, () => {
    const fd = machine.open(path, flags, mode)
    try {
      return body(fd)
    } finally {
      machine.close(fd)
    }
  })
}

function readFrom(fd: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const got = machine.read(fd, bytes.buffer, done, length - done, offset + done)
    if (got === 0) break
    done += got
  }
  return done === length ? bytes : bytes.slice(0, done)
}

const COPY_BYTES = 65536

function copyToEnd(source: number, target: number): void {
  const bytes = new Uint8Array(COPY_BYTES)
  for (;;) {
    const got = machine.read(source, bytes.buffer, 0, COPY_BYTES, -1)
    if (got === 0) return
    writeAll(target, bytes.subarray(0, got), -1)
  }
}

function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  let done = 0
  while (done < bytes.length) {
    const at = offset < 0 ? -1 : offset + done
    done += machine.write(fd, bytes.buffer, bytes.byteOffset + done, bytes.length - done, at)
  }
}

/** A reader that has gone away is no error of ours; a descriptor set non-blocking is waited for. */
function print(fd: number, bytes: Uint8Array): void {
  let done = 0
  while (done < bytes.length) {
    try {
      done += machine.write(fd, bytes.buffer, done, bytes.length - done, -1)
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') return
      machine.waitWritable(fd)
    }
  }
}
