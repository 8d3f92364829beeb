import { type Mount, mountOf } from '../formats/mount-table.ts'
import { type BlockDevice, type Facts, findDeviceByNumber } from '../machine/facts.ts'
import type { Carries } from '../stateless/kept-files/carries.ts'
import type { Status } from '../status/probe-status.ts'
import { RAM_TYPES, SERVER_TYPES } from './file-systems.ts'
import { nameInside } from './root-paths.ts'
import { findListedMount, listedBacking } from './stateless-backing.ts'
import { findUpperLayer } from './upper-layer.ts'

export interface KeepingFacts {
  readonly facts: Facts
  readonly status: Status
  /** Of overlays that are mounted: by the upper layer's name in the mount table, where it leads. */
  readonly upperFolders: ReadonlyMap<string, string>
  /** Device numbers of the scratch and of the state file system of a boot of ours; undefined where there is none. */
  readonly scratchDevice: string | undefined
  readonly stateDevice: string | undefined
  /** Of rwtab, statetab and the state device's own list: by the path where it is listed. */
  readonly listed: ReadonlyMap<string, string>
  /** What the layers with kept files have for the next boot, by their record. */
  readonly isCarried: Carries
}

/** What holds what is written to a file system, below everything that it stands on. */
export interface Backing {
  readonly verdict: 'kept' | 'lost' | 'unwritable' | 'unclear'
  readonly mechanism:
    | ('store' | 'upper-layer' | 'state' | 'device' | 'server')
    | ('ram' | 'scratch')
    | undefined
  /** Node of the block device, or the server, that keeps it. */
  readonly device: string | undefined
  readonly words: string
}

/** Where what is written to this mount goes; whether the mount itself may be written to is not asked. */
export function findBacking(all: KeepingFacts, mount: Mount, seen: readonly Mount[] = []): Backing {
  const backing = findOwnBacking(all, mount, seen)
  const listed = findListedMount(all, mount)
  if (listed === undefined) return backing
  const at = nameInside(all.facts.newRoot, mount.mountPoint) ?? mount.mountPoint
  return listedBacking(all, listed, at, mount, backing)
}

function findOwnBacking(all: KeepingFacts, mount: Mount, seen: readonly Mount[]): Backing {
  const { facts } = all
  const at = nameInside(facts.newRoot, mount.mountPoint) ?? mount.mountPoint
  if (seen.includes(mount)) return unclear(`the mount table does not tell what ${at} stands on`)
  const path = [...seen, mount]
  if (mount.fsType === 'overlay') return findOverlayBacking(all, mount, path)
  if (RAM_TYPES.includes(mount.fsType)) return inRam(`${mount.fsType} at ${at}`)
  if (SERVER_TYPES.includes(mount.fsType)) {
    const words = `server ${mount.source}, ${mount.fsType} at ${at}`
    return { verdict: 'kept', mechanism: 'server', device: mount.source, words }
  }
  const device = findMountedDevice(facts, mount)
  if (device === undefined) return unclear(`${mount.fsType} of ${mount.source} at ${at}`)
  const backing = findDeviceBacking(all, device, path)
  if (backing.mechanism !== 'device') return backing
  // btrfs shows the subvolume there.
  const folder = mount.root === '/' || mount.fsType === 'btrfs' ? '' : `:${mount.root}`
  const isRoot = mount.mountPoint === facts.newRoot && folder === ''
  const words = isRoot
    ? `the root itself, ${mount.fsType} on ${backing.words}`
    : `${backing.words}${folder}, ${mount.fsType} at ${at}`
  return { ...backing, words }
}

/** The block device that a mount is of; btrfs gives its files a device number of their own. */
export function findMountedDevice(facts: Facts, mount: Mount): BlockDevice | undefined {
  return (
    findDeviceByNumber(facts, mount.device) ??
    facts.devices.find(({ node, links }) => node === mount.source || links.includes(mount.source))
  )
}

function findOverlayBacking(all: KeepingFacts, mount: Mount, seen: readonly Mount[]): Backing {
  const { facts, status, upperFolders } = all
  const layer = findUpperLayer(mount)
  const at = nameInside(facts.newRoot, mount.mountPoint) ?? mount.mountPoint
  if (layer === undefined) {
    const words = `the overlay at ${at} has no upper layer`
    return { verdict: 'unwritable', mechanism: undefined, device: undefined, words }
  }
  const below = mountOf(facts.mounts, upperFolders.get(layer.upper) ?? layer.upper)
  if (below === undefined || seen.includes(below)) {
    return unclear(`the upper layer ${layer.upper} of ${at} cannot be seen from here`)
  }
  const backing = findBacking(all, below, seen)
  const isRoot = mount.mountPoint === facts.newRoot
  if (backing.verdict === 'lost') {
    return inRam(isRoot ? ROOT_IN_RAM : `the upper layer of the overlay at ${at} is in RAM`)
  }
  if (backing.verdict !== 'kept') return backing
  const store = isRoot ? status.record?.store : undefined
  const words = `the upper layer of the overlay at ${at}: ${layer.upper}, ${backing.words}`
  return store === undefined
    ? { ...backing, mechanism: 'upper-layer', words }
    : { ...backing, mechanism: 'store', words: `store ${store}` }
}

export const ROOT_IN_RAM = "the root's changes are in RAM"

function findDeviceBacking(
  all: KeepingFacts,
  device: BlockDevice,
  seen: readonly Mount[],
): Backing {
  const { facts, status } = all
  if (device === status.snapshot?.device) return findStoreBacking(all, seen)
  if (/^(zram|ram)\d/.test(device.name)) return inRam(`${device.node} is in RAM`)
  if (device.loop !== undefined) return findImageBacking(all, device.loop.backingFile, seen)
  const below = facts.devices.filter(({ name }) => device.slaves.includes(name))
  const backings = below.map((each) => findDeviceBacking(all, each, seen))
  const other = backings.find(
    ({ verdict, mechanism }) => verdict !== 'kept' || mechanism === 'store',
  )
  const node = device.dm === undefined ? device.node : `/dev/mapper/${device.dm.name}`
  return other ?? { verdict: 'kept', mechanism: 'device', device: node, words: node }
}

function findImageBacking(all: KeepingFacts, file: string, seen: readonly Mount[]): Backing {
  const holder = mountOf(all.facts.mounts, file)
  if (holder === undefined || file.endsWith(' (deleted)')) {
    return unclear(`the file ${file} cannot be seen from here`)
  }
  const backing = findBacking(all, holder, seen)
  if (backing.verdict === 'lost') return inRam(`${file} is in RAM: ${backing.words}`)
  return backing.verdict === 'kept'
    ? { ...backing, mechanism: 'device', words: `${file} on ${backing.device}` }
    : backing
}

/** Stock dracut hides what its store lies on: there the record of the boot says it. */
function findStoreBacking(all: KeepingFacts, seen: readonly Mount[]): Backing {
  const { snapshot, record } = all.status
  const state = snapshot?.state.kind
  const file = snapshot?.cow?.loop?.backingFile
  const name = `store ${record?.store ?? file}`
  if (state === 'invalid' || state === 'overflow') {
    const words = `the ${name} is full: writes fail`
    return { verdict: 'unwritable', mechanism: 'store', device: undefined, words }
  }
  const found = file === undefined ? undefined : findImageBacking(all, file, seen)
  if (found?.verdict === 'lost') return inRam(ROOT_IN_RAM)
  if (found?.verdict === 'kept') return { ...found, mechanism: 'store', words: name }
  if (record?.mode === 'temporary') return inRam(ROOT_IN_RAM)
  if (record?.mode === 'persistent') {
    return { verdict: 'kept', mechanism: 'store', device: undefined, words: name }
  }
  return unclear("nothing tells where the root's store is")
}

function inRam(words: string): Backing {
  return { verdict: 'lost', mechanism: 'ram', device: undefined, words }
}

function unclear(words: string): Backing {
  return { verdict: 'unclear', mechanism: undefined, device: undefined, words }
}
