/** What was read of a file of shell assignments, and the lines that are something else. */
export interface Assignments {
  readonly values: ReadonlyMap<string, string>
  /** Numbers of lines that would have done something other than to assign, from 1. */
  readonly others: readonly number[]
}

/** One word: bare text, '...', "..." with backslashes in it, or a backslash and what it protects. */
const WORD = String.raw`(?:[^\s"'\\;&|<>()${'`'}#]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")(?:[^\s"'\\;&|<>()${'`'}]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")*`
const ASSIGNMENT = new RegExp(
  String.raw`^\s*(?:export\s+)?([A-Za-z_]\w*)=(${WORD})?\s*(?:;\s*)?(?:\s#.*)?$`,
  's',
)
const PIECE = /\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\$(?:\{(\w+)\}|(\w+))|([^\\'"$]+|\$)/gs

/**
 * The assignments in a file that its first readers sourced as shell: quotes, backslashes and plain $NAME or
 * ${NAME} of what stands above. Nothing is executed: a line with a command in it assigns nothing and is reported.
 */
export function parseAssignments(text: string): Assignments {
  const values = new Map<string, string>()
  const others: number[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, word = ''] = ASSIGNMENT.exec(line) ?? []
    const value = name === undefined || runsCommand(word) ? undefined : expand(word, values)
    if (name === undefined || value === undefined) others.push(index + 1)
    else values.set(name, value)
  }
  return { values, others }
}

/** $( or a backquote, outside single quotes and not behind a backslash; ${NAME:-x} and the like too. */
function runsCommand(word: string): boolean {
  const open = word.replace(/\\.|'[^']*'/gs, '')
  return /`|\$\(|\$\{(?!\w+\})/.test(open)
}

function expand(word: string, values: ReadonlyMap<string, string>): string {
  return word.replace(PIECE, (_whole, escaped, single, double, braced, name, plain) => {
    if (escaped !== undefined) return escaped
    if (single !== undefined) return single
    if (double !== undefined) return expandDouble(double, values)
    return plain ?? values.get(braced ?? name) ?? ''
  })
}

/** Between double quotes a backslash protects only $, `, ", itself and the end of a line. */
function expandDouble(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\\([$`"\\])|\$(?:\{(\w+)\}|(\w+))/g,
    (_whole, escaped, braced, name) => escaped ?? values.get(braced ?? name) ?? '',
  )
}
