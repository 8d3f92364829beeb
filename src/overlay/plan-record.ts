import type { Config } from '../cmdline/config.ts'
import {
  MOTD_FILE,
  MOTD_FOLDER,
  NEED_SHUTDOWN_FILE,
  RECORD_FILE,
  RECORD_FOLDER,
} from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import { formatJsonFile, formatPrintable } from '../printable.ts'
import { formatOutcome, type Outcome } from './outcome.ts'

/** What /run/holdfast/boot.json holds of the store; the keys are documented in holdfast(8). */
export interface BootRecord extends Outcome {
  readonly version: 1
  readonly asked: string | undefined
  readonly problems: readonly string[]
}

/**
 * The steps that leave word of what was done and why: the record, the message of the day where it is less than
 * was asked (an earlier one goes otherwise), and the mark that asks dracut for its shutdown stage.
 */
export function planRecord(config: Config, outcome: Outcome): Step[] {
  const record = bootRecord(config, outcome)
  const text = formatJsonFile(record)
  return [
    { kind: 'make-directory', path: RECORD_FOLDER },
    { kind: 'write-file', path: RECORD_FILE, text },
    ...planMotd(outcome),
    ...planShutdown(outcome),
  ]
}

/** What the record says of a boot that came to this. */
export function bootRecord(config: Config, outcome: Outcome): BootRecord {
  return {
    version: 1,
    asked: config.overlay.asked,
    ...outcome,
    problems: config.problems.map(({ argument, text }) => `${argument}: ${text}`),
  }
}

function planMotd(outcome: Outcome): Step[] {
  if (outcome.why === undefined) return [{ kind: 'remove-file', path: MOTD_FILE }]
  const word = formatPrintable(formatOutcome(outcome))
  const text = `holdfast: ${word}\n          holdfast status says more.\n`
  return [
    { kind: 'make-directory', path: MOTD_FOLDER },
    { kind: 'write-file', path: MOTD_FILE, text },
  ]
}

function planShutdown(outcome: Outcome): Step[] {
  if (outcome.technology === 'none') return []
  return [{ kind: 'write-file', path: NEED_SHUTDOWN_FILE, text: '' }]
}
