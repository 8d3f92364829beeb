/**
 * What can go wrong by no fault of holdfast. Texts are whole sentences for the administrator:
 * the thing, what happened, what to do. Anything else that is thrown is a bug in holdfast (exit 70).
 */
export abstract class ExpectedError extends Error {
  abstract readonly exitStatus: number
}

/** A bad argument on holdfast's own command line. */
export class UsageError extends ExpectedError {
  readonly exitStatus = 2
}

/** Bad configuration: every problem found, not the first alone. */
export class ConfigError extends ExpectedError {
  readonly exitStatus = 2
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Planning says no; nothing has been changed. `hint` says what to do about it. */
export class RefusedError extends ExpectedError {
  readonly exitStatus = 3
  readonly hint: string
  constructor(reason: string, hint: string) {
    super(reason)
    this.hint = hint
  }
}

/** A step failed: the program that was run, or the kernel call. The text is the tool's own; `hint` says what to do. */
export class CommandError extends ExpectedError {
  readonly exitStatus = 1
  readonly argv: readonly string[]
  readonly hint: string | undefined
  constructor(message: string, argv: readonly string[], hint?: string) {
    super(message)
    this.argv = argv
    this.hint = hint
  }
}

/** The program outlived its limit. What it was at may be done all the same, or yet be done. */
export class KilledError extends CommandError {}

/** What to do about it, where the error says. */
export function hintOf(error: unknown): string | undefined {
  return error instanceof RefusedError || error instanceof CommandError ? error.hint : undefined
}

/** Exit status of a command that did less than was asked: a temporary store, a path missing. */
export const DEGRADED = 4
/** Exit status of what cannot happen. */
export const BUG = 70
