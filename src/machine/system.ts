/**
 * The machine as the program sees it: one small synchronous interface, two adapters (node.ts,
 * quickjs.ts). Nothing else in src/ may import `node:*` or `qjs:*`.
 *
 * Every method throws a SystemError, whose code is the errno's name, when the kernel says no.
 */
export interface System {
  /** The arguments after the program's own name. */
  readonly argv: readonly string[]
  /** The value of an environment variable; undefined when it is not set. */
  env(name: string): string | undefined
  /** Whether a stream is a terminal, and how wide (80 when unknown). */
  isTerminal(stream: 'stdout' | 'stderr'): boolean
  readonly terminalColumns: number
  /** Writes all of the text, as UTF-8, to a standard stream. */
  print(stream: 'stdout' | 'stderr', text: string): void

  /** A whole file as text (UTF-8, malformed bytes become U+FFFD); files in /proc and /sys too. */
  readText(path: string): string
  /** Up to `length` bytes from `offset`, of a file or a block device; fewer at its end. */
  readBytes(path: string, offset: number, length: number): Uint8Array
  /** Opens a block device with O_EXCL and closes it again: EBUSY where somebody has it for himself, as a mount has. */
  openExclusive(path: string): void
  /** The names in a folder, sorted by code unit, without '.' and '..'. */
  list(path: string): string[]
  /** Whether something is at a path, for a symbolic link at its target; false when the kernel says no. */
  exists(path: string): boolean
  /** What is at a path; a symbolic link is followed by stat, not by lstat. */
  stat(path: string): FileStat
  lstat(path: string): FileStat
  readLink(path: string): string
  /** Space on the file system that holds the path, for an unprivileged writer. */
  freeBytes(path: string): number

  /** Makes or replaces a file (mode 0644) with the text; does not sync. One write(2) if it fits. */
  writeText(path: string, text: string): void
  /** Writes into an existing file or device at `offset`, then fsyncs it. Never creates, never truncates. */
  writeBytes(path: string, offset: number, bytes: Uint8Array): void
  /** Sets a file's length in bytes, making it (mode 0600) where it is missing; the new part is a hole. */
  truncate(path: string, bytes: number): void
  /** fsync(2) of a file or a folder. */
  sync(path: string): void
  /** Makes a folder and its missing parents; no error where it exists. */
  makeDirectory(path: string): void
  removeDirectory(path: string): void
  /** Copies a file, with its permission bits, into a new one or over an old one; does not sync. */
  copyFile(from: string, to: string): void
  symlink(target: string, path: string): void
  rename(from: string, to: string): void
  removeFile(path: string): void

  /**
   * Runs a program, looked up in the system folders, and waits for it: standard input empty, CHILD_ENVIRONMENT,
   * stdout and stderr collected whole. Never throws for a failing program: see RunResult. A program that
   * outlives `timeoutMs` (default 60 000; 0 is at once) gets SIGKILL.
   */
  run(argv: readonly string[], timeoutMs?: number): RunResult
  /**
   * Goes on in a process of its own that is watched, and returns once more in this one, when that has ended, or when one
   * of the calls above has not returned there for a minute (to write or sync: three), and that process is given up. From Node nobody is
   * watched: it goes on in this process, and waits as long as the kernel does.
   */
  watch(): Watch
  sleep(ms: number): void
  /** Milliseconds on a clock that only goes forward. */
  monotonicMs(): number
  /** Seconds since 1970, whole. */
  epochSeconds(): number
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'block' | 'character' | 'fifo' | 'socket'
  readonly bytes: number
  /** Permission bits, 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly inode: number
  readonly links: number
  /** Device that holds the file, and for a device node the device that it names, as "major:minor". */
  readonly device: string
  readonly names: string
  readonly modifiedSeconds: number
  /** When contents, owner, mode or links last changed (st_ctime), seconds since 1970: no program can set it. */
  readonly changedSeconds: number
  /** 512-byte blocks that are allocated. */
  readonly allocatedSectors: number
}

export interface RunResult {
  /** Exit status; 128 + signal when killed; 127 when the program could not be started. */
  readonly status: number
  readonly stdout: string
  /** What the program said; when it could not be started, the reason (errno name and program). */
  readonly stderr: string
  readonly timedOut: boolean
}

/** Where a run that is watched stands: at work, or over. `path` is what the call was for that did not return. */
export type Watch =
  | { readonly kind: 'working' }
  | { readonly kind: 'ended'; readonly status: number }
  | { readonly kind: 'stuck'; readonly path: string }

/** The kernel said no. `code` is the errno's name ("ENOENT"), or "E" and its number when it has none here. */
export class SystemError extends Error {
  readonly code: string
  readonly path: string
  constructor(code: string, operation: string, path: string) {
    super(`${operation} '${path}': ${code}`)
    this.name = 'SystemError'
    this.code = code
    this.path = path
  }
}
