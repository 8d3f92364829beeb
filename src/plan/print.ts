import { formatPrintable } from '../printable.ts'
import { CORRECTED, NOT_STARTED, type Part, toArgv, type Word } from './command.ts'
import type { ApartStep, Plan, Step } from './step.ts'

/** A plan as a POSIX sh script that does what apply does, with the reasons as comments; ends in a newline. */
export function formatPlan(plan: Plan): string {
  const reasons = plan.reasons
    .flatMap((reason) => reason.split('\n'))
    .map((line) => `# ${formatPrintable(line)}`)
  return [...reasons, ...plan.steps.map(formatStep)].map((line) => `${line}\n`).join('')
}

/** One step as POSIX sh, one line where nothing in it is longer. */
export function formatStep(step: Step): string {
  const argv = step.kind === 'apart' ? apartArgv(step) : toArgv(step)
  if (argv === undefined) return formatFileStep(step)
  const line = argv.map(formatWord).join(' ')
  if (step.kind === 'repair-files') {
    return step.repair === 'quick'
      ? `${line} || case $? in ${CORRECTED} | ${NOT_STARTED}) ;; *) exit 1 ;; esac`
      : `${line} || [ $? -eq ${CORRECTED} ]`
  }
  return step.kind === 'attach-loop' ? `${shellName(step.as)}=$(${line})` : line
}

/** How long one process waits for another that has steps done apart, in seconds. */
const APART_WAIT_SECONDS = 30

/**
 * The argv of steps that are done apart. The process has a session of its own, so that neither the end of holdfast nor
 * its time limit ends it half way, and it does not listen to the signals by which services are stopped. It keeps a lock,
 * which it inherits, to its end: two of them would resume what the other has suspended.
 */
export function apartArgv({ folder, prepare, steps, always }: ApartStep): readonly string[] {
  const inside = [
    "trap '' HUP INT TERM",
    'PATH=/bin',
    ...(always.length === 0
      ? []
      : ['finish() {', 'set +e', ...always.map(formatStep), '}', 'trap finish EXIT']),
    'set -e',
    ...steps.map(formatStep),
  ].join('\n')
  const enter = `exec setsid --wait chroot ${quote(folder)} /bin/sh -c ${quote(inside)}`
  const lock = [
    `exec 9> ${quote(`${folder}.lock`)}`,
    `flock --timeout ${APART_WAIT_SECONDS} 9 || { echo 'another growth does not end' >&2; exit 1; }`,
  ]
  const outside = ['set -e', ...lock, ...prepare.map(formatStep), enter].join('\n')
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', outside]
}

function formatFileStep(step: Step): string {
  switch (step.kind) {
    case 'make-directory':
      return `mkdir -p ${quote(step.path)}`
    case 'make-sparse-file':
      return `truncate -s ${step.bytes} ${quote(step.path)}`
    case 'remove-folder':
      return `rmdir ${quote(step.path)}`
    case 'remove-file':
      return `rm -f ${quote(step.path)}`
    case 'clear-entries':
      return formatClearing(step.path, step.offsetBytes, step.bytes)
    case 'copy-short-file':
      return `cp ${quote(step.from)} ${quote(step.to)}`
    case 'write-start':
      return `printf '${step.bytes.map(octal).join('')}' | dd of=${quote(step.path)} conv=notrunc,fsync`
    case 'write-file':
      return `printf %s ${quote(step.text)} > ${quote(step.path)}`
    case 'replace-file':
      return formatReplacement(step.path, step.text)
    case 'make-link':
      return `ln -s ${quote(step.target)} ${quote(step.path)}`
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

function formatClearing(path: string, offsetBytes: number, bytes: number): string {
  const where = `bs=16 seek=${offsetBytes / 16} count=${bytes / 16}`
  return `dd if=/dev/zero of=${quote(path)} ${where} conv=notrunc,fsync`
}

function formatReplacement(path: string, text: string): string {
  const [partial, folder] = [`${path}.partial`, path.slice(0, path.lastIndexOf('/')) || '/']
  return [
    `rm -f ${quote(partial)}`,
    `printf %s ${quote(text)} > ${quote(partial)}`,
    `sync ${quote(partial)}`,
    `mv -f ${quote(partial)} ${quote(path)}`,
    `sync ${quote(folder)}`,
  ].join('\n')
}

function formatWord(word: Word): string {
  if (typeof word === 'string') return quote(word)
  const parts = 'loop' in word || 'sectorsOf' in word ? [word] : word
  if (parts.every((part) => typeof part === 'string')) return quote(parts.join(''))
  return `"${parts.map(formatPart).join('')}"`
}

/** Between double quotes. */
function formatPart(part: Part): string {
  if (typeof part === 'string') return part.replace(/[\\"$`]/g, '\\$&')
  if ('loop' in part) return `$${shellName(part.loop)}`
  return `$(cat "/sys/class/block/\${${shellName(part.sectorsOf)}#/dev/}/size")`
}

function shellName(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '_')
}

/**
 * A word as sh reads it back unchanged; bare where nothing in it is special. A character that would act on the
 * terminal is spelled out in octal: names come from devices that anybody may have labelled.
 */
export function quote(word: string): string {
  if (/^[A-Za-z0-9_./:=,@%+-]+$/.test(word)) return word
  const quoted = `'${word.replaceAll("'", "'\\''")}'`
  return quoted.replace(ACTIVE, (character) => `'"$(printf '${utf8Octal(character)}')"'`)
}

/** Newlines are left: $() would drop them, and within quotes they do no harm. */
const ACTIVE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu

function utf8Octal(character: string): string {
  return encodeURIComponent(character).replace(/%(..)|[^%]/g, (found, hex: string | undefined) =>
    octal(hex === undefined ? found.charCodeAt(0) : Number.parseInt(hex, 16)),
  )
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`
}
