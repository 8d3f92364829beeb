import type { RunResult } from '../machine/system.ts'
import { NOT_STARTED } from './command.ts'
import type { RepairFilesStep, Step } from './step.ts'

/** What there is to say of a repair: all that the program said, or of a quick one what it has changed, in a sentence. */
export function formatRepair(step: RepairFilesStep, result: RunResult): string[] {
  const { device, repair, type } = step
  if (repair !== 'quick') return [result.stdout.trim()]
  const program = type === 'vfat' ? 'fsck.fat' : 'e2fsck'
  if (result.status === 0) return []
  return result.status === NOT_STARTED
    ? [`${device} needs a check, and there is no ${program}`]
    : [`${program} has corrected errors on ${device}: ${lastWords(result)}`]
}

/** More would not fit into a record of the kernel's log. */
const MOST_LINES = 6

/** The end of what a program said, in one line: where a file system has errors, e2fsck says so on standard output. */
export function lastWords({ stdout, stderr }: RunResult): string {
  const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
    .join(' ')
}

/** What to do when a quick repair fails: it needs somebody who answers questions, or more time. */
export function adviseOnRepair(step: Step): string | undefined {
  if (step.kind !== 'repair-files' || step.repair !== 'quick') return undefined
  const byHand = step.type === 'vfat' ? 'fsck.fat -r' : 'e2fsck -f'
  return `Check it by hand, where questions can be answered: ${byHand} ${step.device}`
}
