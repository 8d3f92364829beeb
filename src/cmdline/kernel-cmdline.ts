/** One argument of the kernel command line. */
export interface Argument {
  readonly name: string
  /** Without its quotes; undefined for a bare word. */
  readonly value: string | undefined
  /** As typed, quotes and all; not escaped. */
  readonly typed: string
  /** False when a quote was still open at the end of the line. */
  readonly closed: boolean
}

/** A double quote groups up to the next one, or to the end of the line; a newline ends everything. */
const WORD = /(?:"[^"]*(?:"|$)|[^ \t\v\f\r"])+/g

/**
 * All arguments in order, quoted as in next_arg() of the kernel (lib/cmdline.c), which dracut's getarg
 * uses too. Lines do not reach into each other. Takes any text whatever.
 */
export function parseKernelCmdline(text: string): Argument[] {
  const words = text.split('\n').flatMap((line) => line.match(WORD) ?? [])
  return words.map(parseArgument)
}

/** Quotes are dropped around the whole word and around the value; elsewhere they belong to the text. */
function parseArgument(typed: string): Argument {
  const quoted = typed.startsWith('"')
  const word = quoted ? typed.slice(1) : typed
  const closed = (typed.split('"').length - 1) % 2 === 0
  // As in the kernel, an equals sign that stands first is part of the name.
  const equals = word.indexOf('=', 1)
  if (equals < 0) {
    return { name: quoted ? dropLastQuote(word) : word, value: undefined, typed, closed }
  }
  const value = word.slice(equals + 1)
  return { name: word.slice(0, equals), value: unquote(value, quoted), typed, closed }
}

function unquote(value: string, wordIsQuoted: boolean): string {
  if (value.startsWith('"')) return dropLastQuote(value.slice(1))
  return wordIsQuoted ? dropLastQuote(value) : value
}

function dropLastQuote(text: string): string {
  return text.endsWith('"') ? text.slice(0, -1) : text
}

/** The argument that decides: of the first name that is there at all, the last occurrence. */
export function findArgument(
  cmdline: readonly Argument[],
  ...names: readonly string[]
): Argument | undefined {
  for (const name of names) {
    const found = cmdline.filter((argument) => argument.name === name).at(-1)
    if (found !== undefined) return found
  }
  return undefined
}

/** dracut's getargbool: a bare word or any value is true, unless it is 0, no or off. */
export function isOn(argument: Argument): boolean {
  return argument.value === undefined || !isOffWord(argument.value)
}

/** The three words by which dracut switches something off. */
export function isOffWord(value: string): boolean {
  return value === '0' || value === 'no' || value === 'off'
}

/** isOn of the argument that decides, and false when none is there. */
export function isAnyOn(cmdline: readonly Argument[], ...names: readonly string[]): boolean {
  const found = findArgument(cmdline, ...names)
  return found !== undefined && isOn(found)
}
