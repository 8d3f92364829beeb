import { parseCommandLine } from './command-line.ts'
import { commands } from './commands/all.ts'
import { BUG, ExpectedError } from './errors.ts'
import { formatError } from './format-error.ts'
import type { System } from './machine/system.ts'

const MAX_COLUMNS = 100

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
