import type { Argv } from 'yargs'
import { bareCall, nameCommand } from './bare-call.ts'
import { commands } from './commands/all.ts'
import {
  type Args,
  type Command,
  commandArgs,
  type Option,
  type Positional,
  type Request,
} from './commands/command.ts'
import { UsageError } from './errors.ts'
import type { System } from './machine/system.ts'
import { version } from './version.ts'
import { makeYargs } from './yargs/platform.ts'

const MAX_COLUMNS = 100

/** Reads the arguments of this run; throws a UsageError. */
export function readCommandLine(system: System): Request {
  const columns = system.isTerminal('stdout') ? system.terminalColumns : 80
  const { argv } = system
  return bareCall(argv, commands) ?? parse(argv, commands, Math.min(MAX_COLUMNS, columns))
}

/** Help is laid out for `columns`. */
function parse(argv: readonly string[], commands: readonly Command[], columns: number): Request {
  const words = nameCommand(argv, commands)
  const called = commands.find((command) => command.name === words[0])
  if (called === undefined) refuseUnknown(words[0])
  const help = `See holdfast ${called ? `${called.name} ` : ''}--help`
  let request: Request | undefined
  const yargs = strictYargs(columns).fail((message: string | null, error: Error | undefined) => {
    if (error && !message) throw error
    // yargs goes on when this returns.
    throw new UsageError(`${sayWhatIsMissing(`${message}`, called)}\n${help}`)
  })
  for (const command of called ? [called] : commands) {
    addCommand(yargs, command, (args) => {
      request = { kind: 'command', command, args }
    })
  }
  let text = ''
  yargs.parse([...words], {}, (_error, _values, output) => {
    text = output
  })
  if (request === undefined && text === '') throw new UsageError(`No command was given\n${help}`)
  return request ?? { kind: 'text', text: `${text}\n` }
}

/** yargs counts the arguments that have no name; the message names the one that is missing. */
function sayWhatIsMissing(message: string, command: Command | undefined): string {
  const given = /^Not enough non-option arguments: got (\d+)/.exec(message)?.[1]
  const missing = given === undefined ? undefined : command?.positionals?.[Number(given)]
  if (missing === undefined) return message
  return `${command?.name} needs <${missing.name}>: ${missing.summary}`
}

function strictYargs(columns: number): Argv {
  return makeYargs()
    .scriptName('holdfast')
    .usage('Usage: $0 <command> [options]')
    .wrap(columns)
    .exitProcess(false)
    .version(`holdfast ${version}`)
    .strict()
    .demandCommand(1, 'No command was given')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
}

/** Options alone, and the word help, are left to yargs. */
function refuseUnknown(word: string | undefined): void {
  if (word === undefined || word === 'help' || word.startsWith('-')) return
  throw new UsageError(`There is no command '${word}'\nSee holdfast --help`)
}

/** Only the command that is called gets its options: the others are a line in the help. */
function addCommand(yargs: Argv, command: Command, onCall: (args: Args) => void): void {
  const { name, positionals = [], options = {}, examples, summary } = command
  const shape = positionals.map(formatPositional)
  yargs.command(
    [name, ...shape].join(' '),
    summary,
    (own) => {
      for (const each of positionals)
        own.positional(each.name, { type: 'string', describe: each.summary })
      for (const [key, option] of Object.entries(options)) own.option(key, yargsOption(option))
      for (const [line, purpose] of examples) own.example(line, purpose)
      return own
    },
    (values) => onCall(commandArgs(command, values)),
  )
}

function formatPositional({ name, optional = false, repeated = false }: Positional): string {
  const words = repeated ? `${name}..` : name
  return optional ? `[${words}]` : `<${words}>`
}

function yargsOption({ kind, summary, choices, hidden = false, short }: Option) {
  const alias = short === undefined ? {} : { alias: short }
  const shared = { describe: summary, hidden, ...alias, ...(choices && { choices }) }
  if (kind === 'flag') return { ...shared, type: 'boolean' } as const
  return { ...shared, type: 'string', array: kind === 'list', nargs: 1 } as const
}
