import { type Mount, parseMountInfo } from '../formats/mount-table.ts'
import { probeSuperblock, type Superblock } from '../formats/superblock.ts'
import { attempt, tryLine, tryList, tryText } from './attempt.ts'
import type { BlockDevice, Facts } from './facts.ts'
import { probeLinks } from './probe-links.ts'
import { type System, SystemError } from './system.ts'

/** Which devices' first bytes to read: none, or those for which this is true. */
export type Wanted = (device: BlockDevice) => boolean

/**
 * What the machine is like now. Reads /proc, /sys, /dev/disk and, of the devices wanted, a few KiB;
 * changes nothing and starts no process. What cannot be read is left out.
 */
export function probeMachine(system: System, newRoot: string, wanted: Wanted = () => false): Facts {
  return {
    cmdline: probeCmdline(system),
    newRoot,
    mounts: probeMounts(system),
    devices: probeDevices(system).map((device) =>
      wanted(device) ? lookInto(system, device) : device,
    ),
    memoryBytes: probeMemoryBytes(system),
    missingModules: probeMissingModules(system),
  }
}

/** What is mounted, as this process sees it. */
export function probeMounts(system: System): Mount[] {
  return parseMountInfo(tryText(system, '/proc/self/mountinfo'))
}

/** /etc/cmdline.d/*.conf, /etc/cmdline and /proc/cmdline, the strongest last, a line each. */
export function probeCmdline(system: System): string {
  const folder = '/etc/cmdline.d'
  const snippets = tryList(system, folder).filter((name) => name.endsWith('.conf'))
  const sources = [...snippets.map((name) => `${folder}/${name}`), '/etc/cmdline', '/proc/cmdline']
  const texts = sources.map((path) => tryText(system, path).trim())
  return texts.filter((text) => text !== '').join('\n')
}

function lookInto(system: System, device: BlockDevice): BlockDevice {
  const content = probeContent(system, device.node)
  const isBusy = content?.needsCheck === true && probeBusy(system, device.node)
  return { ...device, content, ...(isBusy && { isBusy }) }
}

function probeBusy(system: System, node: string): boolean {
  try {
    system.openExclusive(node)
    return false
  } catch (error) {
    return error instanceof SystemError && error.code === 'EBUSY'
  }
}

/** What the first bytes of a device or file say; undefined when they say nothing or cannot be read. */
export function probeContent(system: System, path: string): Superblock | undefined {
  const read = (offset: number, length: number) => system.readBytes(path, offset, length)
  return attempt(() => probeSuperblock(read), undefined)
}

/** Where the root of the booted system is: $NEWROOT or a mounted /sysroot in the initramfs, else /. */
export function probeNewRoot(system: System): string {
  if (!isInitramfs(system)) return '/'
  return system.env('NEWROOT') ?? '/sysroot'
}

/** Whether this is a dracut initramfs, and not the system that it boots. */
export function isInitramfs(system: System): boolean {
  // dracut 106 leaves out the link in /etc where systemd is left out.
  return system.exists('/usr/lib/initrd-release') || system.exists('/etc/initrd-release')
}

function probeDevices(system: System): BlockDevice[] {
  const links = probeLinks(system)
  return tryList(system, '/sys/class/block').flatMap((name) => {
    const device = probeDevice(system, name, links)
    return device === undefined ? [] : [device]
  })
}

function probeDevice(
  system: System,
  name: string,
  links: ReadonlyMap<string, readonly string[]>,
): BlockDevice | undefined {
  const folder = `/sys/class/block/${name}`
  const sectors = Number(tryText(system, `${folder}/size`))
  if (!(sectors > 0)) return undefined
  const node = `/dev/${name.replaceAll('!', '/')}`
  return {
    name,
    node,
    number: tryLine(system, `${folder}/dev`),
    sectors,
    readOnly: tryLine(system, `${folder}/ro`) === '1',
    partition: system.exists(`${folder}/partition`),
    links: links.get(node) ?? [],
    content: undefined,
    dm: name.startsWith('dm-') ? probeDm(system, folder) : undefined,
    loop: name.startsWith('loop') ? probeLoop(system, folder) : undefined,
    slaves: tryList(system, `${folder}/slaves`),
    holders: tryList(system, `${folder}/holders`),
  }
}

function probeDm(system: System, folder: string): { name: string; uuid: string } {
  return { name: tryLine(system, `${folder}/dm/name`), uuid: tryLine(system, `${folder}/dm/uuid`) }
}

function probeLoop(system: System, folder: string): BlockDevice['loop'] {
  const backingFile = tryLine(system, `${folder}/loop/backing_file`)
  if (backingFile === '') return undefined
  return { backingFile, autoClear: tryLine(system, `${folder}/loop/autoclear`) === '1' }
}

function probeMemoryBytes(system: System): number {
  const found = /^MemTotal:\s+(\d+) kB$/m.exec(tryText(system, '/proc/meminfo'))
  return Number(found?.[1] ?? 0) * 1024
}

/** dm-snapshot and the file systems load by themselves when they are asked for; these two do not. */
function probeMissingModules(system: System): string[] {
  const there = { loop: '/dev/loop-control', dm_mod: '/dev/mapper/control' }
  return Object.entries(there).flatMap(([module, node]) => (system.exists(node) ? [] : [module]))
}
