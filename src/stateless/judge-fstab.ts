import type { FstabEntry } from '../formats/fstab.ts'
import type { KeptPath } from './kept-path.ts'
import { isBelow } from './paths.ts'

/**
 * What the booted system will do to the mounted paths when it mounts what its fstab lists, a sentence each: a file system that
 * is mounted above a path hides it, and one for the path itself finds it mounted already.
 */
export function judgeFstab(fstab: readonly FstabEntry[], paths: readonly KeptPath[]): string[] {
  const later = fstab.filter(({ at, options }) => at !== '/' && !options.includes('noauto'))
  return paths.flatMap(({ path, origin }) => {
    const where = `${origin.file}${origin.line === 0 ? '' : `:${origin.line}`}: ${path}`
    const same = later.some(({ at }) => at === path)
    if (same) return [`${where} is in fstab too: what fstab names is not mounted over it`]
    const above = later.find(({ at }) => isBelow(path, at))
    return above === undefined ? [] : [`${where} is hidden when ${above.at} is mounted, by fstab`]
  })
}
