import type { System } from '../machine/system.ts'

/** One command of the command line: what `--help` says of it, and what it does. */
export interface Command {
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** Arguments without a name, in their order; required ones first. */
  readonly positionals?: readonly Positional[]
  readonly options?: Readonly<Record<string, Option>>
  /** A command line that can be typed, and what it is for. */
  readonly examples: readonly (readonly [commandLine: string, purpose: string])[]
  /** Does it. The exit status: 0, or DEGRADED; everything else is thrown. */
  run(system: System, args: Args): number
}

export interface Positional {
  readonly name: string
  readonly summary: string
  readonly optional?: boolean
  /** One or more of them, asked for as a list; the last one only. */
  readonly repeated?: boolean
}

export interface Option {
  /** A flag is there or not; a text has a value, and the last one given counts; a list keeps all of them. */
  readonly kind: 'flag' | 'text' | 'list'
  readonly summary: string
  /** Shown in the help in place of the value's type, and checked. */
  readonly choices?: readonly string[]
  readonly hidden?: boolean
  /** One letter, for a single hyphen. */
  readonly short?: string
}

/** What a command line asks for: a command with its arguments, or a text for stdout. */
export type Request =
  | { readonly kind: 'command'; readonly command: Command; readonly args: Args }
  | { readonly kind: 'text'; readonly text: string }

/** What was typed after the command's name. Asking for a name that the command did not declare is a bug. */
export interface Args {
  flag(name: string): boolean
  /** undefined when it was not given; a required positional is always given. */
  text(name: string): string | undefined
  list(name: string): readonly string[]
}

/** The arguments of one call, from the values that yargs found: an array where one was given again. */
export function commandArgs(command: Command, found: Readonly<Record<string, unknown>>): Args {
  const values = (name: string, kind: Option['kind']): readonly unknown[] => {
    const positional = command.positionals?.find((argument) => argument.name === name)
    const declared = positional ? kindOf(positional) : command.options?.[name]?.kind
    if (declared !== kind) {
      throw new Error(`The command ${command.name} has no ${kind} '${name}'`)
    }
    const value = found[name]
    return value === undefined ? [] : [value].flat()
  }
  return {
    flag: (name) => values(name, 'flag').at(-1) === true,
    text: (name) => values(name, 'text').map(String).at(-1),
    list: (name) => values(name, 'list').map(String),
  }
}

function kindOf({ repeated = false }: Positional): Option['kind'] {
  return repeated ? 'list' : 'text'
}
