import type { Words } from './kept-path.ts'
import type { Listed } from './listed.ts'
import type { PathFacts } from './path-facts.ts'
import { isBelow, isVolatile } from './paths.ts'

/** Whether a listed path can be set up. Of a silent one nothing is said; a refused one is missed, the boot is degraded. */
export interface Verdict {
  readonly kind: 'fit' | 'silent' | 'left out' | 'refused'
  readonly why: string
}

/** The facts of a path that can be set up. */
export type Fit<Facts> = Facts & { readonly path: string; readonly kind: 'file' | 'directory' }

/** What is wrong with a path in whichever list it stands; undefined for nothing. */
export function judgeCommon(path: string, reserved: readonly string[]): Verdict | undefined {
  if (path === '/') return { kind: 'refused', why: 'the root itself cannot be listed' }
  if (isVolatile(path)) {
    return { kind: 'left out', why: 'another file system is mounted there in every boot' }
  }
  const folder = reserved.find((each) => path === each || isBelow(path, each))
  if (folder === undefined) return undefined
  return { kind: 'refused', why: `${folder} is the place of RW_MOUNT or STATE_MOUNT` }
}

/** The words for the entries of a list that are not as their author may think. */
export function wordsOf(
  judged: readonly {
    readonly facts: PathFacts & { readonly entry: Listed }
    readonly verdict: Verdict
  }[],
): Words {
  const say = (kind: Verdict['kind']) =>
    judged.flatMap(({ facts, verdict }) =>
      verdict.kind === kind ? [sentence(facts.entry, verdict.why)] : [],
    )
  return { remarks: say('left out'), shortfalls: say('refused') }
}

/** The words for an entry of a list that is left out. */
export function sentence(entry: Listed, why: string): string {
  return `${nameOf(entry)} is left out: ${why}`
}

/** Where an entry of a list stands, and its path: the beginning of a sentence. */
export function nameOf({ path, file, line }: Listed): string {
  return `${file}${line === 0 ? '' : `:${line}`}: ${path}`
}
