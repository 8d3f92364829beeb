import { type Listed, parseListedPath } from './listed.ts'
import type { Remark } from './remark.ts'

const STRAY = /^(empty|dirs|files)[ \t]+(?=\/)/
const COMMENT = /[ \t]#.*$/

/**
 * The paths in a file in the format of /etc/statetab, or of the list `files` on the state device: a whole line is a path,
 * blanks included. What only the parser before initscripts 10.20 took is taken too, with a remark: a word of rwtab
 * before the path, several paths on a line, a comment behind them. A line that is a path as it stands, `isThere` says,
 * is never split.
 */
export function parseStatetab(
  text: string,
  file: string,
  isThere: (path: string) => boolean = () => false,
): { readonly entries: readonly Listed[]; readonly remarks: readonly Remark[] } {
  const entries: Listed[] = []
  const remarks: Remark[] = []
  for (const [index, whole] of text.split('\n').entries()) {
    const line = index + 1
    if (whole.startsWith('#') || whole.trim() === '') continue
    const all = whole.trim()
    const { paths, strange } = isThere(all) ? { paths: [all], strange: undefined } : splitLine(all)
    if (strange !== undefined) remarks.push({ file, line, text: strange })
    for (const typed of paths) {
      const path = parseListedPath(typed)
      if (typeof path === 'string') entries.push({ path, file, line })
      else remarks.push({ file, line, text: `${path.why}, ignored` })
    }
  }
  return { entries, remarks }
}

function splitLine(line: string): { paths: string[]; strange: string | undefined } {
  const path = line.replace(STRAY, '').replace(COMMENT, '').trimEnd()
  const words = path.split(/[ \t]+/)
  if (words.length > 1 && words.every((word) => word.startsWith('/'))) {
    return { paths: words, strange: 'several paths on a line: deprecated, give each a line' }
  }
  const stray = STRAY.exec(line)?.[1]
  if (stray !== undefined) {
    return { paths: [path], strange: `'${stray}' is a word of rwtab: deprecated here, ignored` }
  }
  const strange = path === line ? undefined : 'a comment behind a path: deprecated, taken for one'
  return { paths: [path], strange }
}
