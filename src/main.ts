import type { Request } from './commands/command.ts'
import { BUG, ExpectedError } from './errors.ts'
import { formatError } from './format-error.ts'
import type { System } from './machine/system.ts'

/** Does what `read` finds to be asked for. The exit status; what went wrong is said on stderr. */
export function main(system: System, read: (system: System) => Request): number {
  try {
    const request = read(system)
    if (request.kind === 'command') return request.command.run(system, request.args)
    system.print('stdout', request.text)
    return 0
  } catch (error) {
    system.print('stderr', formatError(error))
    return error instanceof ExpectedError ? error.exitStatus : BUG
  }
}
