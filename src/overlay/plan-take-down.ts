import { type Mount, mountOf } from '../formats/mount-table.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import { FILES_SOURCE, OUR_FOLDERS, SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import { DM_UUID_PREFIX, type Step } from '../plan/step.ts'
import { OVERLAY_SOURCE } from './plan-overlayfs.ts'
import { READ_ONLY_DM, ROOT_DM, SNAPSHOT_DM } from './plan-snapshot.ts'

/** What can be taken down: a mount, or a device-mapper or loop device. */
type Part = { readonly mount: Mount } | { readonly device: BlockDevice }

/**
 * The steps that take down all that holdfast has made, whatever stands on a thing before the thing: the root, the
 * snapshot, its loops, the file systems below /run/initramfs that hold store and medium. What the kernel shows
 * is what is taken down; the names of stock dracut's devices count too.
 */
export function planTakeDown(facts: Facts): Step[] {
  const done = new Set<Mount | BlockDevice>()
  const steps: Step[] = []
  const takeDown = (part: Part) => {
    const key = 'mount' in part ? part.mount : part.device
    if (done.has(key)) return
    done.add(key)
    for (const user of usersOf(facts, part)) takeDown(user)
    steps.push(...stepsFor(part))
  }
  const devices = facts.devices.filter(isOurs)
  const loops = facts.devices.filter(
    ({ name, loop }) => loop !== undefined && devices.some(({ slaves }) => slaves.includes(name)),
  )
  const overlays = facts.mounts.filter(isOurOverlay)
  const mounts = facts.mounts.filter(({ mountPoint }) => OUR_FOLDERS.some(isFolder(mountPoint)))
  for (const mount of overlays) takeDown({ mount })
  for (const device of [...devices, ...loops]) takeDown({ device })
  for (const mount of mounts) takeDown({ mount })
  return steps
}

const DM_NAMES = [ROOT_DM, SNAPSHOT_DM, READ_ONLY_DM, 'live-base']

function isOurs({ dm }: BlockDevice): boolean {
  return dm !== undefined && (dm.uuid.startsWith(DM_UUID_PREFIX) || DM_NAMES.includes(dm.name))
}

/** It names its layers in words that no longer hold in the shutdown stage: it goes before everything else. */
function isOurOverlay({ fsType, source }: Mount): boolean {
  return fsType === 'overlay' && (source === OVERLAY_SOURCE || source === FILES_SOURCE)
}

/** In dracut's shutdown stage /run stands below /oldsys; /run/initramfs itself has become the root. */
function isFolder(mountPoint: string): (folder: string) => boolean {
  const seenAs = [mountPoint, mountPoint.replace(/^\/oldsys\//, '/'), `/run/initramfs${mountPoint}`]
  return (folder) => seenAs.includes(folder)
}

/** Whether it is where the state device is mounted. */
export function isStateFolder(mountPoint: string): boolean {
  return isFolder(mountPoint)(STATE_FOLDER)
}

function usersOf(facts: Facts, part: Part): Part[] {
  if ('mount' in part) {
    const { mount } = part
    const below = facts.mounts.filter(
      (other) => other.parentId === mount.mountId || isPathOf(other, mount),
    )
    const loops = facts.devices.filter(({ loop }) => loop && liesOn(facts, loop.backingFile, mount))
    return [...below.map((mount) => ({ mount })), ...loops.map((device) => ({ device }))]
  }
  const { name, number } = part.device
  const mounts = facts.mounts.filter(({ device }) => device === number)
  const above = facts.devices.filter(({ slaves }) => slaves.includes(name))
  return [...mounts.map((mount) => ({ mount })), ...above.map((device) => ({ device }))]
}

const LISTED_FOLDERS = [SCRATCH_FOLDER, STATE_FOLDER]

/** What is listed in rwtab and statetab shows parts of these file systems at other places. */
function isPathOf(other: Mount, { device, mountPoint, mountId }: Mount): boolean {
  const isListed = LISTED_FOLDERS.some(isFolder(mountPoint))
  return isListed && other.device === device && other.mountId !== mountId
}

function liesOn(facts: Facts, path: string, mount: Mount): boolean {
  return mountOf(facts.mounts, path)?.mountId === mount.mountId
}

function stepsFor(part: Part): Step[] {
  if ('mount' in part) {
    const { mountPoint, fsType } = part.mount
    const lazy = fsType.startsWith('nfs') ? ({ lazy: true } as const) : {}
    return [{ kind: 'unmount', at: mountPoint, restore: undefined, ...lazy }]
  }
  const { device } = part
  if (device.dm !== undefined) return [{ kind: 'remove-dm', name: device.dm.name }]
  // A loop device that is to go with its last user (losetup -D was there before us) needs no step.
  const needed = device.loop !== undefined && !device.loop.autoClear
  return needed ? [{ kind: 'detach-loop', device: device.node }] : []
}
