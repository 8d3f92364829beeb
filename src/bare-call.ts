import { type Command, commandArgs, type Request } from './commands/command.ts'

/** The command that is meant when none is named. */
const DEFAULT_COMMAND = 'boot'

/** The arguments with the name of a command before them. */
export function nameCommand(
  argv: readonly string[],
  commands: readonly Command[],
): readonly string[] {
  const first = argv[0]
  const named = first !== undefined && (!first.startsWith('-') || /^--(help|version)$/.test(first))
  const known = commands.some((command) => command.name === DEFAULT_COMMAND)
  return named || !known ? argv : [DEFAULT_COMMAND, ...argv]
}

/** The call of one of the commands and nothing more, as hooks and services make it, read without yargs; undefined for any other. */
export function bareCall(
  argv: readonly string[],
  commands: readonly Command[],
): Request | undefined {
  const words = nameCommand(argv, commands)
  const command = commands.find(({ name }) => name === words[0])
  const { positionals = [] } = command ?? {}
  if (command === undefined || words.length > 1) return undefined
  if (!positionals.every(({ optional }) => optional)) return undefined
  return { kind: 'command', command, args: commandArgs(command, {}) }
}
