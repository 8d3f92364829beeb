import { cleanPath } from '../cmdline/clean-path.ts'
import type { Refusal } from '../cmdline/refusal.ts'

/** A path of a list, and where it stands there. */
export interface Listed {
  /** Absolute, without `.`, `..` and a slash at its end; '/' for the root. */
  readonly path: string
  readonly file: string
  readonly line: number
}

/** The kernel takes no longer path (PATH_MAX, include/uapi/linux/limits.h, with the zero byte). */
export const MOST_PATH_UNITS = 4095

/** An absolute path of a list as Listed has it; or why it is none. */
export function parseListedPath(text: string): string | Refusal {
  if (!text.startsWith('/'))
    return { why: text === '' ? 'names no path' : `'${text}' is not an absolute path` }
  if (text.length > MOST_PATH_UNITS)
    return { why: `a path of ${text.length} characters is too long` }
  const path = cleanPath(text)
  return path === '' ? '/' : path
}

/** What editors and package managers leave beside a file; `.old` since initscripts 8. */
const LEFT_OVER = /(~|\.(bak|old|orig|rpmnew|rpmorig|rpmsave))$/

/** Whether a name in rwtab.d or statetab.d is a list: not hidden, and not what an editor or rpm left there. */
export function isListName(name: string): boolean {
  return !name.startsWith('.') && !LEFT_OVER.test(name)
}
