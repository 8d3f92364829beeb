import { CommandError } from '../errors.ts'
import { type System, SystemError } from '../machine/system.ts'
import { toArgv, type Word } from './command.ts'
import { formatStep } from './print.ts'
import type { Plan, Step } from './step.ts'
import { undo } from './undo.ts'

/** Loop devices by the name that their step gave them. Shared by the stages of one run. */
export type LoopNames = Map<string, string>

/** What was done and can be taken back: handed from stage to stage, so that a late failure undoes all. */
export interface Journal {
  readonly done: Step[]
  readonly loops: LoopNames
  /** How long a program may take; undefined for the System's own limit. */
  readonly timeoutMs: number | undefined
}

/** An empty journal. */
export function newJournal(timeoutMs?: number): Journal {
  return { done: [], loops: new Map(), timeoutMs }
}

/**
 * Carries out the steps in order and enters each in the journal. Throws a CommandError at the first
 * that fails; nothing is undone then: that is the caller's decision, see walkBack.
 */
export function apply(system: System, plan: Plan, journal: Journal): void {
  for (const step of plan.steps) {
    doStep(system, step, journal)
    journal.done.push(step)
  }
}

/**
 * Takes back all that the journal holds, last first, and empties it. A step that cannot be taken back
 * is reported in the result, one sentence each, and does not stop the rest.
 */
export function walkBack(system: System, journal: Journal): string[] {
  const troubles: string[] = []
  for (const done of journal.done.splice(0).reverse()) {
    for (const step of undo(done)) {
      try {
        doStep(system, step, journal)
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        troubles.push(`${error.message}, ignoring`)
      }
    }
  }
  return troubles
}

function doStep(system: System, step: Step, { loops, timeoutMs }: Journal): void {
  const argv = toArgv(step)
  if (argv === undefined) {
    doFileStep(system, step)
    return
  }
  const words = argv.map((word) => resolve(word, loops))
  const output = runStep(system, step, words, timeoutMs)
  if (step.kind === 'attach-loop') loops.set(step.as, output.trim())
}

/** A mount point may be busy for a moment, while udev or a service looks at it. */
const BUSY_RETRIES = 20
const BUSY_WAIT_MS = 100

function runStep(
  system: System,
  step: Step,
  argv: readonly string[],
  timeoutMs: number | undefined,
): string {
  for (let tries = 0; ; tries++) {
    const result = system.run(argv, timeoutMs)
    if (result.status === 0) return result.stdout
    const busy = step.kind === 'unmount' && /busy/.test(result.stderr)
    if (busy && tries < BUSY_RETRIES) {
      system.sleep(BUSY_WAIT_MS)
      continue
    }
    const said = result.timedOut ? 'no answer in time, killed' : result.stderr.trim()
    throw new CommandError(`${failure(step)}: ${said || `exit status ${result.status}`}`, argv)
  }
}

function doFileStep(system: System, step: Step): void {
  try {
    touchFile(system, step)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new CommandError(`${failure(step)}: ${error.code}`, [formatStep(step)])
  }
}

function touchFile(system: System, step: Step): void {
  switch (step.kind) {
    case 'make-directory':
      return system.makeDirectory(step.path)
    case 'make-sparse-file':
      return system.truncate(step.path, step.bytes)
    case 'remove-file':
      return removeIfThere(system, step.path)
    case 'zero-start':
      return system.writeBytes(step.path, 0, new Uint8Array(step.bytes))
    case 'write-start':
      return system.writeBytes(step.path, 0, Uint8Array.from(step.bytes))
    case 'write-file':
      return system.writeText(step.path, step.text)
    case 'symlink':
      return replaceLink(system, step.target, step.path)
    case 'rename-file':
      return system.rename(step.from, step.to)
    case 'sync':
      return system.sync(step.path)
    case 'restart':
      return restart(system, step.how)
    default:
      throw new Error(`no effect for the step ${step.kind}`)
  }
}

/** Each write to the trigger is one key: s syncs, b reboots, o powers off (kernel: admin-guide/sysrq). */
function restart(system: System, how: 'reboot' | 'poweroff'): void {
  system.writeText('/proc/sysrq-trigger', 's')
  system.writeText('/proc/sysrq-trigger', how === 'reboot' ? 'b' : 'o')
}

function replaceLink(system: System, target: string, path: string): void {
  removeIfThere(system, path)
  system.symlink(target, path)
}

function removeIfThere(system: System, path: string): void {
  try {
    system.removeFile(path)
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'ENOENT')) throw error
  }
}

function resolve(word: Word, loops: LoopNames): string {
  if (typeof word === 'string') return word
  if (!('loop' in word)) return word.map((part) => resolve(part, loops)).join('')
  const device = loops.get(word.loop)
  if (device === undefined) throw new Error(`the loop device '${word.loop}' was never attached`)
  return device
}

/** "Failed to mount '/dev/sdb'": the verb and the thing, the tool's own words follow. */
function failure(step: Step): string {
  const [verb, thing] = describe(step)
  return `Failed to ${verb} '${thing}'`
}

function describe(step: Step): readonly [verb: string, thing: string] {
  switch (step.kind) {
    case 'load-modules':
      return ['load the modules', step.modules.join(' ')]
    case 'mount':
      return ['mount', typeof step.device === 'string' ? step.device : step.at]
    case 'bind-mount':
      return ['mount', step.from]
    case 'remount':
      return [`remount (${step.options})`, step.at]
    case 'unmount':
      return ['unmount', step.at]
    case 'attach-loop':
      return ['attach a loop device to', step.file]
    case 'detach-loop':
      return ['detach', typeof step.device === 'string' ? step.device : step.device.loop]
    case 'create-dm':
      return ['create the device', step.name]
    case 'remove-dm':
      return ['remove the device', step.name]
    case 'copy-file':
      return ['copy', step.from]
    case 'rename-file':
      return ['rename', step.from]
    case 'restart':
      return ['restart by', step.how]
    default:
      return [step.kind.replace('-', ' the ').replace('-', ' '), step.path]
  }
}
