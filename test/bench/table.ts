/** Words and a table below them, in Markdown; the first column on the left, the others on the right. */
export function formatTable(
  words: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'))
  return [words, '', ...[head, rule, ...rows].map((cells) => formatRow(...cells)), ''].join('\n')
}

/** A line of a Markdown table. */
export function formatRow(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Megabytes of 10^6, with one digit behind the point below 100. */
export function formatMb(bytes: number): string {
  const megabytes = bytes / 1e6
  return megabytes < 99.95 ? megabytes.toFixed(1) : String(Math.round(megabytes))
}
