import { toArgv, type Word } from './command.ts'
import type { LoopReference, Plan, Step } from './step.ts'

/** A plan as a POSIX sh script that does what apply does, with the reasons as comments; ends in a newline. */
export function formatPlan(plan: Plan): string {
  const reasons = plan.reasons.flatMap((reason) => reason.split('\n')).map((line) => `# ${line}`)
  return [...reasons, ...plan.steps.map(formatStep)].map((line) => `${line}\n`).join('')
}

/** One step as one line of POSIX sh. */
export function formatStep(step: Step): string {
  const argv = toArgv(step)
  if (argv === undefined) return formatFileStep(step)
  const line = argv.map(formatWord).join(' ')
  return step.kind === 'attach-loop' ? `${shellName(step.as)}=$(${line})` : line
}

function formatFileStep(step: Step): string {
  switch (step.kind) {
    case 'make-directory':
      return `mkdir -p ${quote(step.path)}`
    case 'make-sparse-file':
      return `truncate -s ${step.bytes} ${quote(step.path)}`
    case 'remove-file':
      return `rm -f ${quote(step.path)}`
    case 'zero-start':
      return `dd if=/dev/zero of=${quote(step.path)} bs=${step.bytes} count=1 conv=notrunc,fsync`
    case 'write-start':
      return `printf '${step.bytes.map(octal).join('')}' | dd of=${quote(step.path)} conv=notrunc,fsync`
    case 'write-file':
      return `printf %s ${quote(step.text)} > ${quote(step.path)}`
    case 'symlink':
      return `ln -sfn ${quote(step.target)} ${quote(step.path)}`
    case 'rename-file':
      return `mv -f ${quote(step.from)} ${quote(step.to)}`
    case 'sync':
      return `sync ${quote(step.path)}`
    case 'restart':
      return `echo s > /proc/sysrq-trigger; echo ${step.how === 'reboot' ? 'b' : 'o'} > /proc/sysrq-trigger`
    default:
      throw new Error(`no text for the step ${step.kind}`)
  }
}

function formatWord(word: Word): string {
  if (typeof word === 'string') return quote(word)
  if (!('loop' in word)) return formatParts(word)
  return `"$${shellName(word.loop)}"`
}

function formatParts(parts: readonly (string | LoopReference)[]): string {
  if (parts.every((part) => typeof part === 'string')) return quote(parts.join(''))
  const inside = parts.map((part) =>
    typeof part === 'string' ? part.replace(/[\\"$`]/g, '\\$&') : `$${shellName(part.loop)}`,
  )
  return `"${inside.join('')}"`
}

function shellName(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '_')
}

/** A word as sh reads it back unchanged; bare where nothing in it is special. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`
}
