import type { RunResult } from './system.ts'

/** Where programs are looked for when the caller says nothing: an initramfs hook may have no PATH. */
const DEFAULT_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

export const DEFAULT_TIMEOUT_MS = 60_000

/**
 * The environment for programs that holdfast runs: its own, with a PATH, in the C locale (their words
 * are parsed), and without what would change how Node or the dynamic linker behaves.
 */
export function childEnvironment(own: Record<string, string | undefined>): Record<string, string> {
  const kept = Object.entries(own).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && entry[0] !== 'NODE_OPTIONS' && !entry[0].startsWith('LD_'),
  )
  return { ...Object.fromEntries(kept), PATH: own['PATH'] || DEFAULT_PATH, LC_ALL: 'C' }
}

/** The result for a program that could not be started. */
export function notStarted(program: string, errno: string): RunResult {
  return { status: 127, stdout: '', stderr: `${errno}: ${program}`, timedOut: false }
}
