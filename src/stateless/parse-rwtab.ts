import type { Listed } from './listed.ts'
import { parseListedPath } from './listed.ts'
import type { Remark } from './remark.ts'

const KINDS = ['empty', 'dirs', 'files'] as const
/** What of the image stands in the scratch copy of a path: nothing, its directories, or all of it. */
export type SeedKind = (typeof KINDS)[number]

/** A path that is to be writable, and lost at shutdown. */
export interface RwtabEntry extends Listed {
  readonly seed: SeedKind
}

/** A word: quoted, or bare with backslashes before what is special in it. */
const WORD = /"([^"]*)"|'([^']*)'|((?:\\.|[^\s\\"'])+)/y

/**
 * The entries of a file in the format of /etc/rwtab: a kind, blanks, a path; what follows the path is a comment, a line
 * that begins with any other word too. Quotes or a backslash protect blanks in a path, which the original cannot.
 */
export function parseRwtab(
  text: string,
  file: string,
): { readonly entries: readonly RwtabEntry[]; readonly remarks: readonly Remark[] } {
  const entries: RwtabEntry[] = []
  const remarks: Remark[] = []
  for (const [index, whole] of text.split('\n').entries()) {
    const [, word, rest = ''] = /^\s*(\S+)(?:\s+(.*?))?\s*$/.exec(whole) ?? []
    const seed = KINDS.find((kind) => kind === word)
    if (seed === undefined) continue
    const path = parseListedPath(firstWord(rest))
    const line = index + 1
    if (typeof path === 'string') entries.push({ path, file, line, seed })
    else remarks.push({ file, line, text: `${path.why}, ignored` })
  }
  return { entries, remarks }
}

function firstWord(text: string): string {
  WORD.lastIndex = 0
  const [, double, single, bare] = WORD.exec(text) ?? []
  return double ?? single ?? bare?.replace(/\\(.)/g, '$1') ?? ''
}
