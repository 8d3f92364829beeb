import type { Config } from '../cmdline/config.ts'
import { RefusedError } from '../errors.ts'
import type { Facts } from '../machine/facts.ts'
import { IMAGE_FOLDER, LOWER_FOLDER, RAM_FOLDER } from '../machine/places.ts'
import type { MountStep, Step } from '../plan/step.ts'
import { judgeAttached } from './judge-store.ts'
import { planRamFolder } from './plan-ram.ts'
import { planReplaceRoot, type ReplaceRoot } from './plan-replace-root.ts'
import { rootOptions } from './plan-snapshot.ts'
import type { RootFacts } from './root-facts.ts'
import type { StoreFacts } from './store-facts.ts'

/** Where OverlayFS keeps what was changed: two folders of one file system. */
export interface Layers {
  readonly upper: string
  readonly work: string
  readonly steps: readonly Step[]
}

/** File systems that hold files, but no file system image that could be written to through dm-snapshot. */
export const READ_ONLY_TYPES: readonly string[] = ['squashfs', 'erofs', 'iso9660', 'cramfs']

/** What the kernel shows as the source of an OverlayFS root of ours. */
export const OVERLAY_SOURCE = 'holdfast'

/** Of rootflags=, those that every file system takes; the others are the base's own, and it has been mounted. */
const ANY_TYPE = [
  'ro',
  'rw',
  'noatime',
  'nodiratime',
  'relatime',
  'strictatime',
  'lazytime',
  'nodev',
  'nosuid',
  'noexec',
]

/** A comma ends a mount option; OverlayFS takes the backslashes out again (ovl_unescape). */
function escapePath(path: string): string {
  return path.replace(/[\\,:]/g, '\\$&')
}

/**
 * The root's base below OverlayFS, its changes in the layers. The base is not mounted a second time by its device: that may
 * hold several trees (subvolumes of btrfs), or there may be none (tmpfs, NFS).
 */
export function planOverlayFsRoot(config: Config, root: RootFacts, layers: Layers): ReplaceRoot {
  const at = root.mount.mountPoint
  const lower: Step[] = [
    { kind: 'make-directory', path: LOWER_FOLDER },
    { kind: 'bind-mount', from: at, at: LOWER_FOLDER, apart: true },
  ]
  const overlay: MountStep = {
    kind: 'mount',
    device: OVERLAY_SOURCE,
    at,
    type: 'overlay',
    options: [
      ...rootOptions(config).filter((option) => ANY_TYPE.includes(option)),
      `lowerdir=${LOWER_FOLDER}`,
      `upperdir=${escapePath(layers.upper)}`,
      `workdir=${escapePath(layers.work)}`,
    ],
  }
  const asBefore: Step = { kind: 'bind-mount', from: LOWER_FOLDER, at }
  const replaced = planReplaceRoot(root, planWriteProtection(root), [overlay], asBefore)
  return { steps: [...layers.steps, ...lower, ...replaced.steps], letGo: replaced.letGo }
}

/** A device that `rw` has mounted for writing is not written to any more, unless something else of it is mounted below the root. */
function planWriteProtection({ mount, device, below }: RootFacts): Step[] {
  const isWritten = [mount.options, mount.superOptions].every((options) => options.includes('rw'))
  const isShared = below.some((other) => other.device === mount.device)
  if (device === undefined || !isWritten || isShared) return []
  return [{ kind: 'remount', at: LOWER_FOLDER, options: 'ro', before: 'rw' }]
}

/** Layers in a tmpfs, which may take half of the memory, as the kernel's own default is. */
export function planRamLayers(config: Config, facts: Facts): Layers {
  const bytes = config.overlay.temporaryBytes ?? Math.floor(facts.memoryBytes / 2)
  const [upper, work] = [`${RAM_FOLDER}/overlayfs`, `${RAM_FOLDER}/ovlwork`]
  return { upper, work, steps: [...planRamFolder(bytes), ...makeFolders(upper, work)] }
}

/**
 * Layers on the persistence device, laid out as stock dracut does: a folder with its work folder `ovlwork` beside
 * it, or an image of a file system that holds `overlayfs` and `ovlwork`. Throws a RefusedError when it is neither.
 */
export function planStoreLayers(name: string, store: StoreFacts): Layers {
  if (store.kind === 'directory' || store.kind === 'unseen') {
    const work = `${store.path.slice(0, store.path.lastIndexOf('/'))}/ovlwork`
    return { upper: store.path, work, steps: makeFolders(work) }
  }
  if (store.kind !== 'file' || store.content === undefined) {
    const isThere = store.kind !== 'missing' && store.kind !== 'interrupted'
    const what = isThere ? sayWhy(store) : 'is not there'
    throw new RefusedError(
      `'${name}' ${what}, and this root keeps its changes with OverlayFS`,
      'Make a directory of that name on the persistence device, or an image with a file system.',
    )
  }
  judgeAttached(name, store)
  const [upper, work] = [`${IMAGE_FOLDER}/overlayfs`, `${IMAGE_FOLDER}/ovlwork`]
  const attach: Step = {
    kind: 'attach-loop',
    file: store.path,
    as: 'image',
    readOnly: false,
    once: true,
  }
  const mount: Step = {
    kind: 'mount',
    device: { loop: 'image' },
    at: IMAGE_FOLDER,
    type: store.content,
    options: ['rw', 'noatime'],
  }
  const folder: Step = { kind: 'make-directory', path: IMAGE_FOLDER }
  return { upper, work, steps: [attach, folder, mount, ...makeFolders(upper, work)] }
}

function sayWhy(store: StoreFacts): string {
  return 'why' in store ? `cannot be used (${store.why})` : 'holds no file system'
}

function makeFolders(...paths: string[]): Step[] {
  return paths.map((path) => ({ kind: 'make-directory', path }))
}
