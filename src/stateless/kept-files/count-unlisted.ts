import { attempt, tryList } from '../../machine/attempt.ts'
import type { FileStat, System } from '../../machine/system.ts'
import { MOST_COUNTED } from './harvest-facts.ts'
import { isWhiteout } from './is-whiteout.ts'
import type { LaidFolder } from './record.ts'

/**
 * How many files and links a layer has whose paths are not `listed`, and that are no links of the state device; the count
 * ends at MOST_COUNTED.
 */
export function countUnlisted(
  system: System,
  state: string,
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
      if (stat === undefined || isWhiteout(stat) || listed.has(path)) continue
      if (stat.kind === 'directory') waiting.push(path)
      else if (!isKeptLink(system, stat, `${state}${path}`)) count++
      if (count + waiting.length >= MOST_COUNTED) return MOST_COUNTED
    }
  }
  return count
}

/** It is made again at each boot. */
function isKeptLink(system: System, { kind }: FileStat, kept: string): boolean {
  return kind === 'symlink' && attempt(() => system.lstat(kept).kind === 'symlink', false)
}
