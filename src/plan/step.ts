import type { FileStep } from './file-steps.ts'

/**
 * A plan is data: what is to be done to the machine, in order. An empty plan means that the machine
 * already is as asked. How a step is typed stands in command.ts, how it is taken back in undo.ts.
 */
export interface Plan {
  /** What was decided and why, in the words of the log; a dry run prints them as comments. */
  readonly reasons: readonly string[]
  readonly steps: readonly Step[]
}

/** A loop device that does not exist before its step is done; a dry run prints it as a shell variable. */
export interface LoopReference {
  readonly loop: string
}

export type Device = string | LoopReference

/** The length of such a loop device in sectors, which the kernel tells when it exists. */
export interface SectorsReference {
  readonly sectorsOf: string
}

export type Step =
  | FileStep
  | { readonly kind: 'load-modules'; readonly modules: readonly string[] }
  | MountStep
  | {
      readonly kind: 'bind-mount'
      readonly from: string
      readonly at: string
      /** Mounts that come and go beneath the one do not come and go beneath the other. */
      readonly apart?: true
    }
  | {
      readonly kind: 'remount'
      readonly at: string
      readonly options: string
      readonly before: string
    }
  /** `restore` mounts it again as it was, when a later step fails. */
  | {
      readonly kind: 'unmount'
      readonly at: string
      readonly restore: Step | undefined
      /** Without asking the server, which may be gone, and whoever still uses it. */
      readonly lazy?: true
    }
  | AttachLoopStep
  | { readonly kind: 'detach-loop'; readonly device: Device }
  | CreateDmStep
  | { readonly kind: 'remove-dm'; readonly name: string; readonly withoutUdev?: true }
  /** Writers wait until it is resumed. The file system on it is not told: one that is full could not be frozen. */
  | { readonly kind: 'suspend-dm'; readonly name: string }
  | { readonly kind: 'resume-dm'; readonly name: string }
  /** The table that counts from the next resume on. */
  | { readonly kind: 'load-dm'; readonly name: string; readonly table: DmTable }
  /** Forgets a table that was loaded and has not been resumed. */
  | { readonly kind: 'clear-dm'; readonly name: string }
  | ApartStep
  /** The loop device becomes as long as its file is now. */
  | { readonly kind: 'resize-loop'; readonly device: Device }
  | MountAllStep
  /** Several mounts, in this order. */
  | { readonly kind: 'unmount-all'; readonly at: readonly string[] }
  /** All logical volumes of LVM that may be activated by themselves; where they are active already, nothing. */
  | { readonly kind: 'activate-volumes' }
  | RepairFilesStep
  /** At once, without services; a sync is asked for before, and not waited for. */
  | { readonly kind: 'restart'; readonly how: 'reboot' | 'poweroff' }
  /** A message to everybody who is logged in. */
  | { readonly kind: 'tell-users'; readonly text: string }

/** Not mounted; nothing is asked. */
export interface RepairFilesStep {
  readonly kind: 'repair-files'
  readonly device: string
  /**
   * `safe` repairs what loses nothing, `all` whatever there is to repair. `quick` is `safe` in a minute at most, and only
   * where there is a program for it.
   */
  readonly repair: 'quick' | 'safe' | 'all'
  /** ext2 to ext4 where nothing is said. */
  readonly type?: 'vfat'
}

export interface MountStep {
  readonly kind: 'mount'
  readonly device: Device
  readonly at: string
  /** A file system type, or 'auto'. */
  readonly type: string
  readonly options: readonly string[]
  /** Without it there is no boot: more is done to have it than for other mounts. */
  readonly isRoot?: true
}

/** Mounts in the order of a table that lies in a file (fstab(5)), by one program; one that fails does not stop the others. */
export interface MountAllStep {
  readonly kind: 'mount-all'
  readonly table: string
  readonly at: readonly string[]
}

export interface AttachLoopStep {
  readonly kind: 'attach-loop'
  readonly file: string
  /** The name by which later steps mean it. */
  readonly as: string
  readonly readOnly: boolean
  /** The file never gets a second loop device: where it has one already, that one is used. */
  readonly once?: true
}

/**
 * Steps during which nothing may be asked of the root. One process does them, with a folder in RAM for its own root; it
 * goes on to its end whatever becomes of holdfast.
 */
export interface ApartStep {
  readonly kind: 'apart'
  readonly folder: string
  /** What fills the folder. Mounts made here are seen by that process alone, and go with it. */
  readonly prepare: readonly Step[]
  readonly steps: readonly Step[]
  /** Done at the end, each of them, also when one of the steps or of these fails. */
  readonly always: readonly Step[]
}

/** One target: start and length in sectors, its name, its arguments. */
export type DmTable = readonly (string | number | LoopReference | SectorsReference)[]

export interface CreateDmStep {
  readonly kind: 'create-dm'
  readonly name: string
  readonly table: DmTable
  readonly readOnly: boolean
  /** Its node is dmsetup's, and udev has no part in it: it may have gone and left its socket, by which it seems to run. */
  readonly withoutUdev?: true
}

/** Every device-mapper device of ours has this uuid: the prefix by which shutdown and status know it. */
export const DM_UUID_PREFIX = 'holdfast-'
