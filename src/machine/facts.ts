import type { Mount } from '../formats/mount-table.ts'
import type { Superblock } from '../formats/superblock.ts'

/** A plain snapshot of what the planners need to know; `holdfast probe --json` prints it. */
export interface Facts {
  /** /proc/cmdline, and weaker sources before it, one a line. */
  readonly cmdline: string
  /** Where the root of the booted system is: /sysroot in the initramfs, / on the running system. */
  readonly newRoot: string
  readonly mounts: readonly Mount[]
  readonly devices: readonly BlockDevice[]
  readonly memoryBytes: number
  /** Of the kernel modules that holdfast needs, those that are not there yet. */
  readonly missingModules: readonly string[]
}

/** A block device that holds something: one of no length is left out. */
export interface BlockDevice {
  /** The kernel's name: sda1, dm-0, loop2. */
  readonly name: string
  readonly node: string
  /** "major:minor" */
  readonly number: string
  readonly sectors: number
  readonly readOnly: boolean
  readonly partition: boolean
  /** Links under /dev/disk and /dev/mapper that lead here. */
  readonly links: readonly string[]
  /** What its first bytes say; undefined when nothing is known, or nobody has looked. */
  readonly content: Superblock | undefined
  /** Somebody has it for himself, as a mount has that nobody sees. Asked only of what would be checked. */
  readonly isBusy?: true
  readonly dm: { readonly name: string; readonly uuid: string } | undefined
  /** autoClear: it goes by itself with its last user. */
  readonly loop: { readonly backingFile: string; readonly autoClear: boolean } | undefined
  /** Kernel names of the devices that this one stands on. */
  readonly slaves: readonly string[]
  readonly holders: readonly string[]
}

/** The device of that number ("major:minor"), or undefined. */
export function findDeviceByNumber(facts: Facts, number: string): BlockDevice | undefined {
  return facts.devices.find((device) => device.number === number)
}

/** The device of that device-mapper name, or undefined. */
export function findDeviceByDmName(facts: Facts, name: string): BlockDevice | undefined {
  return facts.devices.find((device) => device.dm?.name === name)
}
