import type { KeptPath, PathMount, Words } from './kept-path.ts'
import type { KeptFacts } from './path-facts.ts'
import { coversAny } from './paths.ts'

/** All that is mounted in the end: what is kept, and around it what scratch and the names still show. */
export interface PathsPlan extends Words {
  readonly mounts: readonly PathMount[]
}

/**
 * Puts together what is kept and what is not. Of a path that is in both, what is kept counts. What lies below a kept
 * folder is mounted on top of it, where the device has a place for it: `keptAt` says, and a link there is not followed.
 */
export function joinPaths(
  kept: readonly PathMount[],
  others: readonly PathMount[],
  keptAt: (path: string) => KeptFacts,
): PathsPlan {
  const keptPaths = new Set(kept.map(({ path }) => path))
  const isBelowKept = coversAny(
    kept.filter(({ type }) => type !== 'overlay').map(({ path }) => path),
  )
  const mounts: PathMount[] = [...kept]
  const shortfalls: string[] = []
  for (const mount of others) {
    if (keptPaths.has(mount.path)) continue
    const why = isBelowKept(mount.path) ? misfit(mount, keptAt(mount.path)) : undefined
    if (why === undefined) mounts.push(mount)
    else shortfalls.push(`${mount.path} is not mounted: ${why}`)
  }
  return { mounts, remarks: [], shortfalls }
}

function misfit({ shows }: PathMount, found: KeptFacts): string | undefined {
  const wanted: KeptPath['kind'] = shows[0]?.kind ?? 'directory'
  if (found.kind === wanted) return undefined
  if (found.kind === 'unfit') return `on the state device ${found.why}`
  return `the state device has no ${wanted} there`
}
