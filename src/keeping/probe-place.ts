import { mountOf } from '../formats/mount-table.ts'
import type { Facts } from '../machine/facts.ts'
import { type FileStat, type System, SystemError } from '../machine/system.ts'
import { KERNEL_TYPES, mayHang } from './file-systems.ts'
import { seenAt } from './root-paths.ts'

/** As many links as the kernel follows in one path (MAXSYMLINKS, include/linux/namei.h). */
const MOST_LINKS = 40

/** Where a path of the booted system leads. */
export interface Place {
  readonly asked: string
  /** With every link followed; from the first part that is missing, as it was typed. */
  readonly path: string
  /** The nearest folder that is there: the path itself, where it is there. */
  readonly nearest: string
  /** What lies at the path; undefined when nothing does, or nobody has looked. */
  readonly kind: FileStat['kind'] | undefined
  /** Why it could not be looked at, an errno's name: ENOENT where it is missing, ELOOP for links in circles. */
  readonly code: string | undefined
}

/**
 * Follows the links of an absolute path inside facts.newRoot, and never out of it. What the kernel shows as files, and
 * what a look may hang on (see mayHang), is not looked at: links there are not followed.
 */
export function probePlace(system: System, facts: Facts, asked: string): Place {
  const waiting = asked.split('/')
  let done: string[] = []
  let [kind, links]: [Place['kind'], number] = ['directory', 0]
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      done.pop()
      continue
    }
    const path = `/${[...done, part].join('/')}`
    const look = lookAt(system, facts, path)
    if (typeof look === 'string') return unseen(asked, done, [part, ...waiting], look)
    if (look?.target !== undefined) {
      links++
      if (links > MOST_LINKS) return unseen(asked, done, [part, ...waiting], 'ELOOP')
      if (look.target.startsWith('/')) done = []
      waiting.unshift(...look.target.split('/'))
      continue
    }
    done.push(part)
    kind = look?.kind
  }
  const path = `/${done.join('/')}`
  return { asked, path, nearest: path, kind, code: undefined }
}

interface Look {
  readonly kind: FileStat['kind']
  /** Of a link. */
  readonly target?: string
}

/** What is there, undefined where it must not be looked at, or the errno's name. */
function lookAt(system: System, facts: Facts, path: string): Look | undefined | string {
  const at = seenAt(facts.newRoot, path)
  const fsType = mountOf(facts.mounts, at)?.fsType ?? ''
  if (mayHang(fsType) || KERNEL_TYPES.includes(fsType)) return undefined
  try {
    const { kind } = system.lstat(at)
    return kind === 'symlink' ? { kind, target: system.readLink(at) } : { kind }
  } catch (error) {
    if (error instanceof SystemError) return error.code
    throw error
  }
}

function unseen(
  asked: string,
  done: readonly string[],
  rest: readonly string[],
  code: string,
): Place {
  const nearest = `/${done.join('/')}`
  const names = [...done]
  for (const part of rest) {
    if (part === '..') names.pop()
    else if (part !== '' && part !== '.') names.push(part)
  }
  return { asked, path: `/${names.join('/')}`, nearest, kind: undefined, code }
}
