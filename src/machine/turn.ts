/** What is to be done by one of several processes that change the same thing. */
export type Turn = 'go on' | 'wait' | 'step back'

/**
 * Whose turn it is. Each process has put up its name before it looks whose names are there, and goes on when its own is the only
 * one: of two that look, at least the later sees the other. Of those that meet, the first in order keeps its name up and
 * waits, and the others take theirs down for a while, so that one of them gets through. No name is ever taken down by
 * somebody else but that of a process which has ended, and no two processes have the same.
 */
export function judgeTurn(mine: string, others: readonly string[]): Turn {
  if (others.length === 0) return 'go on'
  return others.some((other) => other < mine) ? 'step back' : 'wait'
}

/** A name that no other process ever has until the next boot: its number and when it began, from /proc/PID/stat (proc(5)). */
export function nameOfProcess(stat: string): string | undefined {
  const number = /^\d+/.exec(stat)?.[0]
  // The name of its program comes before, and may have anything in it.
  const begun = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[STARTTIME]
  return number === undefined || begun === undefined ? undefined : `${number}-${begun}`
}

/** The 22nd field, of which the third is the first behind the program's name. */
const STARTTIME = 22 - 3

/** The number in such a name; undefined where it is none. */
export function numberOfProcess(name: string): string | undefined {
  return /^(\d+)-\d+$/.exec(name)?.[1]
}
