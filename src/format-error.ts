import { ConfigError, ExpectedError, hintOf, RefusedError } from './errors.ts'
import { formatMessage } from './printable.ts'

/** What stands on stderr in the end, as formatMessage has it. Of what is no ExpectedError it says that it is a bug, and where. */
export function formatError(error: unknown): string {
  return formatMessage(errorText(error))
}

function errorText(error: unknown): string {
  if (error instanceof RefusedError) return `refused: ${error.message}\n${error.hint}`
  if (error instanceof ConfigError) return error.problems.join('\n')
  if (error instanceof ExpectedError) {
    return [error.message.trimEnd(), hintOf(error)].filter((text) => text !== undefined).join('\n')
  }
  return `this is a bug in holdfast\n${bugReport(error)}`
}

/** The message, then where: V8 puts the message into the stack as well, QuickJS does not. */
function bugReport(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return [`${error.name}: ${error.message}`, ...frames.map((line) => line.trim())].join('\n')
}
