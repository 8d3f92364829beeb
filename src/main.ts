import { parseCommandLine } from './command-line.ts'
import { commands } from './commands/all.ts'
import { BUG, ConfigError, ExpectedError, RefusedError } from './errors.ts'
import type { System } from './machine/system.ts'
import { formatPrintable } from './printable.ts'

const MAX_COLUMNS = 100
const PREFIX = 'holdfast: '

/** Runs the command that was asked for. The exit status; what went wrong is said on stderr. */
export function main(system: System): number {
  try {
    const columns = system.isTerminal('stdout') ? system.terminalColumns : 80
    const request = parseCommandLine(system.argv, commands, Math.min(MAX_COLUMNS, columns))
    if (request.kind === 'command') return request.command.run(system, request.args)
    system.print('stdout', request.text)
    return 0
  } catch (error) {
    system.print('stderr', formatError(error))
    return error instanceof ExpectedError ? error.exitStatus : BUG
  }
}

/** "holdfast: " and the text; each further line is indented to stand below the first. */
function formatError(error: unknown): string {
  const lines = errorText(error).trimEnd().split('\n').map(formatPrintable)
  return `${PREFIX}${lines.join(`\n${' '.repeat(PREFIX.length)}`)}\n`
}

function errorText(error: unknown): string {
  if (error instanceof RefusedError) return `refused: ${error.message}\n${error.hint}`
  if (error instanceof ConfigError) return error.problems.join('\n')
  if (error instanceof ExpectedError) return error.message
  return `this is a bug in holdfast\n${bugReport(error)}`
}

/** The message, then where: V8 puts the message into the stack as well, QuickJS does not. */
function bugReport(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return [`${error.name}: ${error.message}`, ...frames.map((line) => line.trim())].join('\n')
}
