import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { scratchPath } from '../image/disk.ts'
import { Console, type Line, type Reaction } from './console.ts'
import { type Disk, formatHotplug, qemuArguments } from './qemu.ts'
import { parseReport, type Report } from './report.ts'
import { noteSeconds } from './stopwatch.ts'

/** A machine that is ready to be started. */
export interface Machine {
  kernel: string
  initramfs: string
  cmdline: string
  disks: readonly Disk[]
  typed: readonly { when: RegExp; keys: string }[]
  killWhen?: RegExp
  /** Called once, when a line of the console matches. */
  reactions?: readonly Reaction[]
  /** The machine is killed when this is aborted. */
  killOn?: AbortSignal
  timeoutSeconds: number
  /**
   * Whether the guest's clock counts instructions, 2 ns each: the host's load changes nothing then. With
   * idle-skipped the time in which the guest has nothing to do takes no time here: hours pass in minutes.
   */
  icount?: boolean | 'idle-skipped'
  /** See qemu.ts. */
  network?: string
}

/** How a machine ended: by itself (poweroff, reboot, panic), killed as asked, out of time, or not at all well. */
export interface Outcome {
  exit: 'poweroff' | 'reboot' | 'panic' | 'killed' | 'timeout' | 'crash'
  seconds: number
  log: string
  lines: readonly Line[]
  report: Report
}

/** Runs a machine to its end. Rejects only where QEMU cannot be started. */
export function runMachine(machine: Machine): Promise<Outcome> {
  const report = scratchPath('report')
  const monitor = scratchPath('monitor')
  const log = scratchPath('console')
  const [file = '', ...argv] = qemuArguments({ ...machine, log, report, monitor })
  const startedAt = Date.now()
  // A session of its own: the scheduler shares the CPU between sessions, not between processes.
  const child = spawn(file, argv, { detached: true, stdio: 'pipe' })
  let killedBy: 'killed' | 'timeout' | undefined
  const kill = (reason: 'killed' | 'timeout') => {
    killedBy ??= reason
    child.kill('SIGKILL')
  }
  const killAtExit = () => kill('killed')
  process.on('exit', killAtExit)
  machine.killOn?.addEventListener('abort', killAtExit)
  const timer = setTimeout(() => kill('timeout'), machine.timeoutSeconds * 1000)
  const screen = new Console([
    ...machine.typed.map(({ when, keys }) => ({ when, act: () => child.stdin.write(keys) })),
    ...(machine.reactions ?? []),
    ...(machine.killWhen ? [{ when: machine.killWhen, act: killAtExit }] : []),
    ...machine.disks.flatMap((disk, index) => planHotplug(disk, index, monitor)),
  ])
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => screen.add(chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => screen.add(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      process.off('exit', killAtExit)
      machine.killOn?.removeEventListener('abort', killAtExit)
      const seconds = (Date.now() - startedAt) / 1000
      noteSeconds(seconds)
      resolve({
        exit: killedBy ?? exitSeenIn(screen.log),
        seconds,
        log: screen.log,
        lines: screen.lines,
        report: parseReport(existsSync(report) ? readFileSync(report, 'utf8') : ''),
      })
    })
  })
}

function planHotplug(disk: Disk, index: number, monitor: string): readonly Reaction[] {
  if (!disk.attachWhen) return []
  const act = () => {
    const socket = connect(monitor, () => socket.end(formatHotplug(disk, index)))
    // The monitor talks to one client at a time, and stops listening to one that does not read.
    socket.resume().on('error', () => undefined)
  }
  return [{ when: disk.attachWhen, act }]
}

function exitSeenIn(log: string): Outcome['exit'] {
  if (/Kernel panic/.test(log)) return 'panic'
  // A reboot by sysrq says no more than that.
  if (/reboot: Restarting system|sysrq: Resetting/.test(log)) return 'reboot'
  if (/reboot: Power down/.test(log)) return 'poweroff'
  return 'crash'
}
