import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bootDisk } from '../../test/vm/image/boot-disk.ts'
import { scratchPath } from '../../test/vm/image/disk.ts'
import { initramfs } from '../../test/vm/image/initramfs.ts'
import { kernelImage, rootTree, type Suite } from '../../test/vm/image/tree.ts'
import { scriptDisk } from '../../test/vm/machine/boot.ts'
import { Console } from '../../test/vm/machine/console.ts'
import { type Disk, qemuArguments } from '../../test/vm/machine/qemu.ts'
import { parseReport, type Report } from '../../test/vm/machine/report.ts'
import type { Accelerator } from './accelerator.ts'
import { say } from './stages.ts'

interface DemoMachine {
  readonly suite: Suite
  readonly accelerator: Accelerator
  readonly cmdline: string
  readonly disks: readonly Disk[]
  /** Run by the last unit of the boot, before the machine is switched off. */
  readonly script: string
}

export interface DemoBoot {
  /** From power-on to power-off. */
  readonly seconds: number
  /** When holdfast said what the boot comes to. */
  readonly rootSeconds: number | undefined
  readonly report: Report
}

const LONGEST_SECONDS = 600

/** The machine of the tests, with a complete systemd boot and what its console says of holdfast as it comes. */
export async function demoMachine(machine: DemoMachine): Promise<() => Promise<DemoBoot>> {
  const { suite, cmdline, script } = machine
  const [log, report, monitor] = [scratchPath('log'), scratchPath('report'), scratchPath('monitor')]
  const kernel = kernelImage(await rootTree(suite))
  const image = await initramfs(suite, 'systemd')
  const fixed = { bus: 'virtio', readOnly: true } as const
  const guest = { ...fixed, file: scriptDisk(script), serial: 'guest' }
  const boot = { ...fixed, file: await bootDisk(suite, 'systemd'), serial: 'boot' }
  const disks = [...machine.disks, guest, boot]
  const argv = qemuArguments({ kernel, initramfs: image, cmdline, disks, log, report, monitor })
  return () => run(machine.accelerator === 'kvm' ? argv.map(underKvm) : argv, report)
}

function underKvm(word: string): string {
  if (word.startsWith('Nehalem')) return 'max'
  return word === 'tcg' ? 'kvm' : word
}

function run([program = '', ...argv]: readonly string[], report: string): Promise<DemoBoot> {
  const screen = new Console([])
  const startedAt = Date.now()
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  const timer = setTimeout(kill, LONGEST_SECONDS * 1000)
  let shown = 0
  const add = (chunk: string) => {
    screen.add(chunk)
    for (const line of screen.lines.slice(shown)) showLine(line.text)
    shown = screen.lines.length
  }
  child.stdout.setEncoding('utf8').on('data', add)
  child.stderr.setEncoding('utf8').on('data', add)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      process.off('exit', kill)
      const ready = screen.lines.find(({ text }) => OUTCOME.test(text))?.seconds
      const rootSeconds = ready === undefined ? undefined : Math.round(ready)
      const seconds = (Date.now() - startedAt) / 1000
      const found = parseReport(readFileSync(report, 'utf8'))
      if (found.exitStatus !== undefined) {
        resolve({ seconds, rootSeconds, report: found })
        return
      }
      const end = screen.log.trimEnd().split('\n').slice(-30).join('\n')
      reject(
        new Error(`the guest did not come to its end within ${Math.round(seconds)} s:\n${end}`),
      )
    })
  })
}

const OUTCOME = /holdfast: (persistent|TEMPORARY|READ-ONLY)/
const WORTH_SHOWING =
  /(holdfast: .*|Linux version \S+|Run \/init as init|reboot: .*|Kernel panic.*)/

function showLine(text: string): void {
  const words = WORTH_SHOWING.exec(text)?.[1]
  if (words !== undefined) say(`  | ${words}`)
}
