import { attempt } from './machine/attempt.ts'
import { isInitramfs } from './machine/probe.ts'
import type { System } from './machine/system.ts'
import { formatMessage } from './printable.ts'

export interface Log {
  info(text: string): void
  warn(text: string): void
}

/** Kernel log levels with the facility of a daemon, as dracut writes them (24 + level). */
const PRIORITY = { info: 30, warn: 28 }
/** The kernel cuts a record that is longer. */
const KMSG_BYTES = 900

/** Messages to standard error alone: what a dry run has to say is no event of the machine. */
export function terminalLog(system: System): Log {
  const say = (text: string) => system.print('stderr', formatMessage(text))
  return { info: say, warn: say }
}

/**
 * Messages to where an administrator looks for them: standard error (under systemd that is the journal and the
 * console); in an initramfs without systemd the kernel's log, and standard error as well for a warning, because
 * `quiet` keeps warnings of the kernel's log off the console.
 */
export function openLog(system: System): Log {
  const kernelLog = isInitramfs(system) && system.env('DRACUT_SYSTEMD') === undefined
  const say = (level: 'info' | 'warn', text: string) => {
    const line = formatMessage(text)
    const kept = kernelLog && toKernelLog(system, PRIORITY[level], line)
    if (!kept || level === 'warn') system.print('stderr', line)
  }
  return { info: (text) => say('info', text), warn: (text) => say('warn', text) }
}

/**
 * Messages of a service to standard error; where that is the journal, with their priority before each line, as
 * sd-daemon(3) has it.
 */
export function serviceLog(system: System): Log {
  const journal = system.env('JOURNAL_STREAM') !== undefined
  const say = (priority: number, text: string) => {
    const lines = formatMessage(text)
    system.print('stderr', journal ? lines.replace(/^(?=.)/gm, `<${priority}>`) : lines)
  }
  return { info: (text) => say(6, text), warn: (text) => say(4, text) }
}

function toKernelLog(system: System, priority: number, line: string): boolean {
  const record = `<${priority}>${line.slice(0, KMSG_BYTES)}`
  return attempt(() => {
    system.writeText('/dev/kmsg', record)
    return true
  }, false)
}
