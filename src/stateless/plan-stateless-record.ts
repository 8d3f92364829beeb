import {
  MOTD_FOLDER,
  NEED_SHUTDOWN_FILE,
  RECORD_FILE,
  RECORD_FOLDER,
  STATELESS_MOTD_FILE,
} from '../machine/places.ts'
import type { BootRecord } from '../overlay/plan-record.ts'
import type { Step } from '../plan/step.ts'
import { formatJsonFile, formatPrintable } from '../printable.ts'
import { formatStateless, type StatelessOutcome } from './stateless-outcome.ts'

/**
 * The steps that leave word of what became of the listed paths: in the record, beside what it says of the root, a message of the
 * day of its own where it is less than was asked, and the mark that asks dracut for its shutdown stage.
 */
export function planStatelessRecord(record: BootRecord, outcome: StatelessOutcome): Step[] {
  const text = formatJsonFile({ ...record, stateless: outcome })
  return [
    { kind: 'make-directory', path: RECORD_FOLDER },
    { kind: 'write-file', path: RECORD_FILE, text },
    ...planMotd(outcome),
    { kind: 'write-file', path: NEED_SHUTDOWN_FILE, text: '' },
  ]
}

function planMotd(outcome: StatelessOutcome): Step[] {
  if (outcome.why === undefined) return [{ kind: 'remove-file', path: STATELESS_MOTD_FILE }]
  const word = formatPrintable(formatStateless(outcome))
  const text = `holdfast: ${word}\n          holdfast status says more.\n`
  return [
    { kind: 'make-directory', path: MOTD_FOLDER },
    { kind: 'write-file', path: STATELESS_MOTD_FILE, text },
  ]
}
