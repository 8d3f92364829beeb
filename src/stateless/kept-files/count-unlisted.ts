import { attempt, tryList } from '../../machine/attempt.ts'
import type { System } from '../../machine/system.ts'
import { MOST_COUNTED } from './harvest-facts.ts'
import { isWhiteout } from './is-whiteout.ts'
import type { LaidFolder } from './record.ts'

/** How many files and links a layer has whose paths are not `listed`; the count ends at MOST_COUNTED. */
export function countUnlisted(
  system: System,
  layer: string,
  folders: readonly LaidFolder[],
  listed: ReadonlySet<string>,
): number {
  const waiting = folders.map(({ folder }) => folder)
  let count = 0
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const name of tryList(system, `${layer}${at}`)) {
      const path = `${at}/${name}`
      const stat = attempt(() => system.lstat(`${layer}${path}`), undefined)
      if (stat === undefined || isWhiteout(stat)) continue
      if (stat.kind === 'directory') waiting.push(path)
      else if (!listed.has(path)) count++
      if (count + waiting.length >= MOST_COUNTED) return MOST_COUNTED
    }
  }
  return count
}
