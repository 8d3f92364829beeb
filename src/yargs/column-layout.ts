/** How wide a text is on a terminal; the help is plain ASCII, so its length. */
export function stringWidth(text: string): number {
  return text.length
}

/** The text in lines of at most `columns`, broken at spaces; a longer word stays whole. */
export function wrapText(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n')
}

function wrapLine(line: string, columns: number): string {
  const lines: string[] = []
  let current = /^ */.exec(line)?.[0] ?? ''
  let empty = true
  for (const word of line.trim().split(/ +/)) {
    if (!empty && current.length + 1 + word.length > columns) {
      lines.push(current)
      current = word
    } else {
      current += empty ? word : ` ${word}`
    }
    empty = false
  }
  return [...lines, current].join('\n')
}
