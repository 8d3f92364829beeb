import { writeFileSync } from 'node:fs'
import { bootDisk } from '../image/boot-disk.ts'
import { scratchPath } from '../image/disk.ts'
import { type Initramfs, initramfs } from '../image/initramfs.ts'
import { inSlot } from '../image/slots.ts'
import { kernelImage, rootTree, type Suite } from '../image/tree.ts'
import { type Machine, type Outcome, runMachine } from './machine.ts'
import type { Disk } from './qemu.ts'

/** What to boot, and what to do in it. */
export interface Boot {
  suite: Suite
  initramfs: Initramfs
  /** Added to what every machine gets. */
  cmdline: string
  disks: readonly Disk[]
  /** A shell script; its output becomes the report. */
  script: string
  /** `guest` runs the script in init's place, `systemd` runs it as the last unit of a complete boot. */
  init?: 'guest' | 'systemd'
  /** Whether the guest finds its initramfs in /boot, so that it can return to it to shut down. */
  shutdownInitramfs?: boolean
  /** Typed on the console, each once, when a line or prompt matches. */
  typed?: readonly { when: RegExp; keys: string }[]
  /** The machine is killed when a line of the console matches. */
  killWhen?: RegExp
  /** See Machine. */
  reactions?: Machine['reactions']
  killOn?: AbortSignal
  timeoutSeconds?: number
  /** Another image than the one that dracut made of that kind. */
  image?: string
  /** See Machine. */
  icount?: boolean | 'idle-skipped'
  network?: string
  /** The caller holds a slot already, for many quick boots; all images have been made. */
  inSlot?: boolean
}

const TIMEOUT_SECONDS = 300

/**
 * Boots a machine and waits until it has ended, as soon as one of the two slots is free.
 * A boot that hung before it reached init says nothing about us: it is tried once more.
 */
export async function boot(options: Boot): Promise<Outcome> {
  const tree = await rootTree(options.suite)
  const init = options.init === 'systemd' ? '' : 'init=/usr/sbin/guest '
  const machine: Machine = {
    kernel: kernelImage(tree),
    initramfs: options.image ?? (await initramfs(options.suite, options.initramfs)),
    cmdline: `${init}${options.cmdline}`,
    disks: [...options.disks, ...(await guestDisks(options))],
    typed: options.typed ?? [],
    ...(options.killWhen ? { killWhen: options.killWhen } : {}),
    ...(options.reactions ? { reactions: options.reactions } : {}),
    ...(options.killOn ? { killOn: options.killOn } : {}),
    timeoutSeconds: options.timeoutSeconds ?? TIMEOUT_SECONDS,
    icount: options.icount ?? false,
    ...(options.network ? { network: options.network } : {}),
  }
  const inItsSlot: typeof inSlot = options.inSlot ? (work) => work() : inSlot
  return inItsSlot(async () => {
    const outcome = await runMachine(machine)
    const begun = /Run \/[\w-]*init as init/.test(outcome.log) || outcome.exit === 'killed'
    return begun ? outcome : runMachine(machine)
  })
}

async function guestDisks(options: Boot): Promise<readonly Disk[]> {
  const shared = { bus: 'virtio', readOnly: true } as const
  const script: Disk = { ...shared, file: scriptDisk(options.script), serial: 'guest' }
  if (!options.shutdownInitramfs) return [script]
  const file = await bootDisk(options.suite, options.initramfs)
  return [script, { ...shared, file, serial: 'boot' }]
}

/** The disk that hands a script over to the guest. */
export function scriptDisk(script: string): string {
  const path = scratchPath('script')
  // Whole sectors, with at least one zero byte behind the script.
  const bytes = Buffer.alloc((Math.floor(Buffer.byteLength(script) / 512) + 1) * 512)
  bytes.write(script)
  writeFileSync(path, bytes)
  return path
}
