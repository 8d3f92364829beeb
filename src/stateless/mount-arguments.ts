/** What RW_OPTIONS and STATE_OPTIONS hold: not options, but arguments of mount(8). */
export interface MountArguments {
  readonly type: string | undefined
  readonly options: readonly string[]
}

const TAKES_VALUE: Readonly<Record<string, 'options' | 'type'>> = {
  '-o': 'options',
  '--options': 'options',
  '-t': 'type',
  '--types': 'type',
}

/** Reads `-o a,b`, `-oa,b`, `--options=a,b` and `-t type`; any other word is handed to `ignored`. */
export function parseMountArguments(text: string, ignored: (word: string) => void): MountArguments {
  const words = text.split(/[ \t]+/).filter((word) => word !== '')
  const found: { type: string | undefined; options: string[] } = { type: undefined, options: [] }
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const [, name = word, joined] = /^(--\w+)=(.*)$/.exec(word) ?? /^(-[ot])(.+)$/.exec(word) ?? []
    const kind = TAKES_VALUE[name]
    const value = joined ?? (kind === undefined ? undefined : words[++at])
    if (kind === undefined || value === undefined) ignored(word)
    else if (kind === 'type') found.type = value
    else found.options.push(...value.split(','))
  }
  return found
}
