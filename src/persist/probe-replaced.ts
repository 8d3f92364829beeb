import { attempt, tryList } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'
import { parentFirst } from '../stateless/paths.ts'
import { probeKept } from '../stateless/probe-paths.ts'
import { type Moved, noteOf, replacedFolder } from './replaced.ts'

/**
 * What a command that was cut off has moved away, folders before what lies in them; undefined where there is no trace of one. It may be somebody else's work: what
 * is no folder has nothing to give, and is to go, for a link would be written through.
 */
export function probeReplaced(system: System, folder: string): readonly Moved[] | undefined {
  const replaced = replacedFolder(folder)
  const kind = attempt(() => system.lstat(replaced).kind, undefined)
  if (kind !== 'directory') return kind === undefined ? undefined : []
  return parentFirst(
    tryList(system, replaced).flatMap((name) => {
      const at = `${replaced}/${name}`
      const path = readNote(system, noteOf(at))
      return path !== undefined && isLost(system, folder, path) ? [{ at, path }] : []
    }),
  )
}

/** Whether nothing has that name, and no link is on the way to it. */
export function isLost(system: System, folder: string, path: string): boolean {
  return probeKept(system, folder, path).kind === 'missing'
}

/** A path in UTF-8, however many characters it has. */
const MOST_NOTE_BYTES = 1 << 14

function readNote(system: System, note: string): string | undefined {
  const text = attempt(() => {
    const { kind, bytes } = system.lstat(note)
    return kind === 'file' && bytes <= MOST_NOTE_BYTES ? system.readText(note) : ''
  }, '')
  // It must not climb.
  const [first, ...parts] = text.split('/')
  const isPath = first === '' && !parts.some((part) => ['', '.', '..'].includes(part))
  return isPath && parts.length > 0 ? text : undefined
}
