import { formatPrintable } from '../printable.ts'
import type { Argument } from './kernel-cmdline.ts'

export interface Problem {
  /** The argument as typed, escaped for a terminal. */
  readonly argument: string
  /** What is wrong and what is done instead; one sentence, no full stop, escaped as well. */
  readonly text: string
}

export interface Note extends Problem {
  /** Whether the argument has no effect, or there is something to know about the effect that it has. */
  readonly kind: 'ignored' | 'remark'
}

/** Collects what there is to say about a command line while it is read. */
export class Findings {
  readonly problems: Problem[] = []
  readonly notes: Note[] = []

  problem(argument: Argument, text: string): void {
    this.problems.push(describe(argument, text))
  }

  ignored(argument: Argument, text: string): void {
    this.note('ignored', argument, text)
  }

  remark(argument: Argument, text: string): void {
    this.note('remark', argument, text)
  }

  /** Says the same thing once, however often it is typed. */
  private note(kind: Note['kind'], argument: Argument, text: string): void {
    const note = { kind, ...describe(argument, text) }
    const said = this.notes.some((one) => one.argument === note.argument && one.text === note.text)
    if (!said) this.notes.push(note)
  }
}

function describe(argument: Argument, text: string): Problem {
  return { argument: formatPrintable(argument.typed), text: formatPrintable(text) }
}
