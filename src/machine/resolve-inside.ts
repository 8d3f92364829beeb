import { attempt } from './attempt.ts'
import type { System } from './system.ts'

/** Where a path of the booted system's root is to be found now: a path that the machine knows. */
export type View = (path: string) => string

/** The tree that is mounted at `root`, seen as a root itself. */
export function viewOf(root: string): View {
  if (root === '/') return (path) => path
  return (path) => (path === '/' ? root : `${root}${path}`)
}

/** As many links as the kernel follows in one path (MAXSYMLINKS, include/linux/namei.h). */
const MOST_LINKS = 40

/**
 * Where a path leads in the root that `view` shows: absolute, as seen inside. Links on the way are followed inside, never
 * out of it; the last part is not followed. From the first part that is missing the rest is taken as it is. undefined
 * where a part on the way is no folder, or a link that cannot be read, or links lead in circles.
 */
export function resolveInside(system: System, view: View, path: string): string | undefined {
  const waiting = partsOf(path)
  const done: string[] = []
  for (let links = 0; ; ) {
    const part = waiting.shift()
    if (part === undefined) return `/${done.join('/')}`
    if (part === '..') {
      done.pop()
      continue
    }
    done.push(part)
    if (waiting.length === 0) continue
    const here = view(`/${done.join('/')}`)
    const kind = attempt(() => system.lstat(here).kind, undefined)
    if (kind === undefined) {
      return waiting.includes('..') ? undefined : `/${[...done, ...waiting].join('/')}`
    }
    if (kind === 'directory') continue
    if (kind !== 'symlink' || ++links > MOST_LINKS) return undefined
    const target = attempt(() => system.readLink(here), undefined)
    if (target === undefined) return undefined
    if (target.startsWith('/')) done.length = 0
    else done.pop()
    waiting.unshift(...partsOf(target))
  }
}

/** The same with the last part followed too: for a file that is to be read. */
export function resolveFileInside(system: System, view: View, path: string): string | undefined {
  let at = resolveInside(system, view, path)
  for (let links = 0; at !== undefined && links <= MOST_LINKS; links++) {
    const here = view(at)
    const target = attempt(() => system.readLink(here), undefined)
    if (target === undefined) return at
    const folder = at.slice(0, at.lastIndexOf('/'))
    at = resolveInside(system, view, target.startsWith('/') ? target : `${folder}/${target}`)
  }
  return undefined
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
