/** What there is to say about a line of a file that an administrator wrote. */
export interface Remark {
  /** As it is named inside the root, or on the state device. */
  readonly file: string
  /** From 1; undefined where it is about all of the file. */
  readonly line: number | undefined
  /** What is wrong and what is done instead, as the rest of a sentence; not escaped. */
  readonly text: string
}

/** The remark in one line for the log. */
export function formatRemark({ file, line, text }: Remark): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${text}`
}
