import { parseStatetab } from '../stateless/parse-statetab.ts'
import { OWN_LIST } from './state-facts.ts'

/** Whether a line of the list that holds just this path would be read back as this path. */
export function canBeListed(path: string): boolean {
  if (/\p{Cc}/u.test(path)) return false
  return pathsOf(path).join('\n') === path
}

/** The text of a list with that path as its last line. */
export function addLine(text: string, path: string): string {
  const end = text === '' || text.endsWith('\n') ? '' : '\n'
  return `${text}${end}${path}\n`
}

/** The text without these paths; other lines, and comments, stay as they are. */
export function removeLines(text: string, isGone: (path: string) => boolean): string {
  const lines = text.split('\n').flatMap((line) => {
    const paths = pathsOf(line)
    return paths.some(isGone) ? paths.filter((path) => !isGone(path)) : [line]
  })
  return lines.join('\n')
}

function pathsOf(line: string): string[] {
  return parseStatetab(line, OWN_LIST).entries.map(({ path }) => path)
}
