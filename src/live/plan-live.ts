import type { Config } from '../cmdline/config.ts'
import { RefusedError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import {
  LIVE_MARK_FILE,
  MEDIUM_FOLDER,
  RAM_IMAGE_FOLDER,
  RECORD_FOLDER,
  SQUASH_FOLDER,
} from '../machine/places.ts'
import { planModules } from '../plan/plan-modules.ts'
import type { Plan, Step } from '../plan/step.ts'
import type { Image } from './image.ts'

/** The read-only device of the base; a name that others rely on. */
export const BASE_DM = 'live-base'

/** What holds the live image: a device, or an ISO in a file, which is attached to a loop device as 'medium'. */
export interface Medium {
  readonly device: BlockDevice | undefined
  readonly isoFile: string | undefined
  readonly type: string | undefined
}

export interface MediumPlan {
  readonly plan: Plan
  /** Where the medium is mounted then; undefined when its device is the image. */
  readonly folder: string | undefined
}

const COMPRESSED_TYPES = ['squashfs', 'erofs']

/** Mounts the medium at /run/initramfs/live: read-only, unless rw asks otherwise and it can be written. */
export function planMedium(config: Config, facts: Facts, medium: Medium): MediumPlan {
  const { device, type } = medium
  const name = device?.node ?? medium.isoFile
  const reasons = [`the medium is ${name} (${type ?? 'of a type unknown here'})`]
  const ready = [...planModules(facts), ...attachIso(medium)]
  if (type !== undefined && COMPRESSED_TYPES.includes(type)) {
    return { plan: { reasons, steps: ready }, folder: undefined }
  }
  const mounted = findMount(facts.mounts, MEDIUM_FOLDER)
  if (device !== undefined && mounted?.device === device.number) {
    return { plan: { reasons, steps: ready }, folder: MEDIUM_FOLDER }
  }
  const writable = config.rootMode === 'rw' && device?.readOnly === false && type !== 'iso9660'
  const mount: Step = {
    kind: 'mount',
    device: device?.node ?? { loop: 'medium' },
    at: MEDIUM_FOLDER,
    type: type ?? 'auto',
    options: [writable ? 'rw' : 'ro'],
  }
  const folder: Step = { kind: 'make-directory', path: MEDIUM_FOLDER }
  return { plan: { reasons, steps: [...ready, folder, mount] }, folder: MEDIUM_FOLDER }
}

function attachIso({ isoFile }: Medium): Step[] {
  if (isoFile === undefined) return []
  return [{ kind: 'attach-loop', file: isoFile, as: 'medium', readOnly: true }]
}

/**
 * Mounts the compressed image, whose type the kernel finds out where `type` is not known. mount makes the loop device itself,
 * which goes with the mount.
 */
export function planCompressed(
  image: Image & { kind: 'compressed' },
  type: string | undefined,
): Plan {
  const mount: Step = {
    kind: 'mount',
    device: 'file' in image ? image.file : image.source,
    at: SQUASH_FOLDER,
    type: type ?? 'auto',
    options: 'file' in image ? ['loop', 'ro'] : ['ro'],
  }
  return { reasons: [], steps: [{ kind: 'make-directory', path: SQUASH_FOLDER }, mount] }
}

/** Copies the image into a tmpfs of its size, so that the medium may be taken out (rd.live.ram). */
export function planCopyToRam(
  facts: Facts,
  file: string,
  bytes: number,
): { readonly plan: Plan; readonly file: string } {
  if (bytes > facts.memoryBytes * 0.8) {
    throw new RefusedError(
      `'${file}' does not fit into the memory (rd.live.ram)`,
      'Leave out rd.live.ram, or give the machine more memory.',
    )
  }
  const copy = `${RAM_IMAGE_FOLDER}/image`
  const size = `size=${bytes + RAM_MARGIN_BYTES}`
  const steps: Step[] = [
    { kind: 'make-directory', path: RAM_IMAGE_FOLDER },
    { kind: 'mount', device: 'tmpfs', at: RAM_IMAGE_FOLDER, type: 'tmpfs', options: [size] },
    { kind: 'copy-file', from: file, to: copy },
    { kind: 'unmount', at: MEDIUM_FOLDER, restore: undefined },
  ]
  return { plan: { reasons: [`the image is copied to RAM: ${file}`], steps }, file: copy }
}

const RAM_MARGIN_BYTES = 1024 * 1024

/**
 * Mounts the root read-only at `newRoot`: the base through /dev/mapper/live-base, which nothing can write to; a flat
 * image as it is. `base.type` is that of the base's image file.
 */
export function planBase(
  newRoot: string,
  image: Image,
  base: { readonly type: string | undefined },
  medium: Medium,
): Plan {
  if (image.kind === 'flat') {
    return {
      reasons: ['the image holds the root itself, not a file system image'],
      steps: [{ kind: 'bind-mount', from: image.folder, at: newRoot }, ...markDone(medium)],
    }
  }
  if (image.kind === 'compressed') throw new Error('a compressed image is no base')
  const table = [0, { sectorsOf: 'base' }, 'linear', { loop: 'base' }, 0]
  const type = base.type ?? 'auto'
  return {
    reasons: [`the base is ${image.file}`],
    steps: [
      { kind: 'attach-loop', file: image.file, as: 'base', readOnly: true },
      { kind: 'create-dm', name: BASE_DM, table, readOnly: true },
      {
        kind: 'mount',
        device: `/dev/mapper/${BASE_DM}`,
        at: newRoot,
        type,
        options: untouchedOptions(type),
        isRoot: true,
      },
      ...markDone(medium),
    ],
  }
}

/** The mark names the medium's device: with rd.live.ram it is no longer mounted when it is asked for. */
function markDone({ device }: Medium): Step[] {
  return [
    { kind: 'make-directory', path: RECORD_FOLDER },
    { kind: 'write-file', path: LIVE_MARK_FILE, text: `${device?.node ?? ''}\n` },
  ]
}

/** Options with which nothing is written and no journal replayed: the base's is replayed later, into the store. */
export function untouchedOptions(type: string): string[] {
  if (type === 'ext3' || type === 'ext4') return ['ro', 'noload']
  return type === 'xfs' ? ['ro', 'norecovery'] : ['ro']
}
