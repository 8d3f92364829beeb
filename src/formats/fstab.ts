/** One entry of a mount table as fstab(5) has it. */
export interface FstabEntry {
  /** A device, a tag (LABEL=...), a server's folder, or any word. */
  readonly source: string
  readonly at: string
  readonly type: string
  readonly options: readonly string[]
}

/** The entries in the text of an fstab, in its order; comments and lines of another form are left out. */
export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((line) => {
    const entry = parseLine(line)
    return entry === undefined ? [] : [entry]
  })
}

function parseLine(line: string): FstabEntry | undefined {
  const fields = line.trim().split(/[ \t]+/)
  const [source = '', at, type = 'auto', options = 'defaults'] = fields
  if (source.startsWith('#') || at === undefined) return undefined
  return {
    source: decodeField(source.replace(/^(\w+)="(.*)"$/, '$1=$2')),
    at: decodeField(at).replace(/(?<=[^/])\/+$/, ''),
    type: decodeField(type),
    options: decodeField(options).split(','),
  }
}

/** getmntent(3): space, tab, newline and backslash stand as a backslash and three octal digits. */
function decodeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}

/** An entry as a line that mount(8) reads back unchanged, its newline included. */
export function formatFstabEntry({ source, at, type, options }: FstabEntry): string {
  return `${[source, at, type, options.join(',')].map(encodeField).join(' ')} 0 0\n`
}

function encodeField(field: string): string {
  return field.replace(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
}

/** Whether the options mount read-only: as in mount(8), the last of ro and rw counts. */
export function isReadOnlyEntry({ options }: FstabEntry): boolean {
  return options.filter((option) => option === 'ro' || option === 'rw').at(-1) === 'ro'
}

/**
 * The text of an fstab with the entry for `/` mounted read-only and all else as it is; undefined where nothing has
 * to be changed, because that entry says so already or is not there.
 */
export function withReadOnlyRoot(text: string): string | undefined {
  const lines = text.split('\n')
  const changed = lines.map((line) => {
    const entry = parseLine(line)
    return entry?.at !== '/' || isReadOnlyEntry(entry) ? line : makeReadOnly(line)
  })
  return changed.some((line, index) => line !== lines[index]) ? changed.join('\n') : undefined
}

/** The line with its fourth field changed, or with the fields that it lacks. */
function makeReadOnly(line: string): string {
  const [, start, options, end] = /^(\s*\S+\s+\S+\s+\S+\s+)(\S+)(.*)$/.exec(line) ?? []
  if (start === undefined || options === undefined) {
    const { type } = parseLine(line) ?? { type: 'auto' }
    return `${line
      .trim()
      .split(/[ \t]+/)
      .slice(0, 2)
      .join(' ')} ${type} ro`
  }
  const others = options.split(',').filter((option) => option !== 'rw')
  return `${start}${[...others, 'ro'].join()}${end}`
}
