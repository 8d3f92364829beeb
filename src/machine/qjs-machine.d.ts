/**
 * The module that build/engine/machine.c gives to the static executable: one function per system call.
 * Each throws an object with `errno` (a positive number) when the kernel says no.
 */
declare module 'qjs:machine' {
  export function exit(status: number): never
  export function argv(): string[]
  /** Every "NAME=value". */
  export function environment(): string[]
  /** Columns of the terminal; 0 when unknown, -1 when the descriptor is no terminal. */
  export function columns(fd: number): number
  export function utf8(text: string): ArrayBuffer
  /** A file to its end, malformed UTF-8 replaced by U+FFFD. */
  export function readText(path: string): string
  export function open(path: string, flags: number, mode: number): number
  export function close(fd: number): void
  export function fsync(fd: number): void
  export function ftruncate(fd: number, bytes: number): void
  /** Bytes transferred; `offset` -1 means where the descriptor stands. */
  export function read(
    fd: number,
    buffer: ArrayBufferLike,
    at: number,
    length: number,
    offset: number,
  ): number
  export function write(
    fd: number,
    buffer: ArrayBufferLike,
    at: number,
    length: number,
    offset: number,
  ): number
  export function waitWritable(fd: number): void
  export function mkdir(path: string): void
  export function rmdir(path: string): void
  export function unlink(path: string): void
  export function rename(from: string, to: string): void
  export function symlink(target: string, path: string): void
  export function exists(path: string): boolean
  export function stat(path: string): import('./file-stat.ts').RawStat
  export function lstat(path: string): import('./file-stat.ts').RawStat
  export function freeBytes(path: string): number
  export function readlink(path: string): string
  export function list(path: string): string[]
  /** `status` is 128 + signal when killed; after a timeout the whole process group is dead. */
  export function spawn(
    argv: readonly string[],
    environment: readonly string[],
    timeoutMs: number,
  ): import('./system.ts').RunResult
  /**
   * Returns twice: undefined in a child that goes on, and later, in the caller, the child's exit status, or the path of a call
   * that the child was given up in because it did not return in time.
   */
  export function watched(): number | string | undefined
  /** A call to the kernel begins that is to be over after so many milliseconds, and has ended; nothing where nobody watches. */
  export function enter(path: string, limitMs: number): void
  export function leave(): void
  export function sleep(ms: number): void
  export function monotonicMs(): number
  export function epochMs(): number
}
