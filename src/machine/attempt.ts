import { type System, SystemError } from './system.ts'

/** What `read` gives, or `otherwise` when the kernel says no; any other error passes through. */
export function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof SystemError) return otherwise
    throw error
  }
}

/** A file's text; empty when it cannot be read. */
export function tryText(system: System, path: string): string {
  return attempt(() => system.readText(path), '')
}

/** A file's one line without its newline; empty when it cannot be read. */
export function tryLine(system: System, path: string): string {
  return tryText(system, path).trim()
}

/** The names in a folder; none when it cannot be read. */
export function tryList(system: System, path: string): readonly string[] {
  return attempt(() => system.list(path), [])
}
