import type { RunResult } from './system.ts'

export const DEFAULT_TIMEOUT_MS = 60_000

/**
 * All that the programs have for an environment, whatever holdfast's own is: nobody but the administrator of the system
 * folders says which program is run, and what it loads. In the C locale: their words are parsed.
 */
export const CHILD_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
}

/** The result for a program that could not be started. */
export function notStarted(program: string, errno: string): RunResult {
  return { status: 127, stdout: '', stderr: `${errno}: ${program}`, timedOut: false }
}
