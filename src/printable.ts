/** Control and format characters, line and paragraph separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/**
 * The text, safe on a terminal and in a log: nothing in it moves the cursor, turns the writing direction or
 * begins a line. Unprintable characters become \x1b or \u202e. For the eye only: a backslash stays as it
 * is, so that udev's names can be read, and the result escaped again is the same.
 */
export function formatPrintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code <= 0xff) return `\\x${hex(code, 2)}`
    return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 6)}}`
  })
}

const PREFIX = 'holdfast: '

/**
 * A message as it stands on a console: after "holdfast: ", each further line indented to stand below the first, so that
 * none is taken for a message of its own; nothing in it acts on a terminal. Ends in a newline.
 */
export function formatMessage(text: string): string {
  const lines = text.trimEnd().split('\n').map(formatPrintable)
  return `${PREFIX}${lines.join(`\n${' '.repeat(PREFIX.length)}`)}\n`
}

/** A value as indented JSON, safe on a terminal too; what is undefined is written as null. */
export function formatJson(value: unknown): string {
  return escapeJson(JSON.stringify(value, (_key, item) => (item === undefined ? null : item), 2))
}

/** The text of a file of JSON, safe on a terminal too: what is undefined is left out. Ends in a newline. */
export function formatJsonFile(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, undefined, 2))}\n`
}

/** Of indented JSON the newlines are its own: in a text they are escaped already. */
function escapeJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character === '\n' ? '\n' : escapeUnits(character),
  )
}

/** JSON knows UTF-16 units alone. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
    .join('')
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
