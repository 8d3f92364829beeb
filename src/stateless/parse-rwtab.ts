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
    const line = index + 1
    if (seed === undefined) {
      if (isMeant(word, rest)) remarks.push({ file, line, text: `'${word}' ${NO_KIND}` })
      continue
    }
    const path = parseListedPath(firstWord(rest))
    if (typeof path === 'string') entries.push({ path, file, line, seed })
    else remarks.push({ file, line, text: `${path.why}, ignored` })
  }
  return { entries, remarks }
}

const NO_KIND = 'is none of empty, dirs and files: the line is taken for a comment'

/** Whether a comment looks like an entry: any word before a path, but for `#`, with which somebody has taken out a line. */
function isMeant(word: string | undefined, rest: string): boolean {
  return word !== undefined && !word.startsWith('#') && rest.startsWith('/')
}

function firstWord(text: string): string {
  WORD.lastIndex = 0
  const [, double, single, bare] = WORD.exec(text) ?? []
  return double ?? single ?? bare?.replace(/\\(.)/g, '$1') ?? ''
}
