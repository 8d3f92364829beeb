import type { Config, StoreRequest } from '../cmdline/config.ts'
import { formatDeviceSpec } from '../cmdline/device-spec.ts'
import { RefusedError } from '../errors.ts'
import { findMount, type Mount } from '../formats/mount-table.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import { locate } from '../machine/locate.ts'
import { HOLDER_FOLDER } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import { judgeJournal, judgeUse } from './judge-holder.ts'
import { planCheck } from './plan-check.ts'
import type { RootFacts } from './root-facts.ts'

export type PersistentStore = Extract<StoreRequest, { kind: 'persistent' }>

/** The persistence device and how to get at its files. */
export interface Reach {
  readonly device: BlockDevice
  /** Where it is, or will be, mounted. */
  readonly folder: string
  /** Whether it is mounted already, and what is on it can be looked at. */
  readonly mounted: boolean
  readonly steps: readonly Step[]
}

/**
 * How to mount the persistence device, or to use the mount that is there already (the live medium itself, made
 * writable). Throws a RefusedError when it is not there, holds the root, or holds no file system.
 */
export function planReach(
  config: Config,
  facts: Facts,
  root: RootFacts | undefined,
  store: PersistentStore,
): Reach {
  const name = formatDeviceSpec(store.device)
  const device = locate(facts, store.device)
  if (device === undefined) {
    throw new RefusedError(
      `${name} did not appear within ${config.timeoutSeconds} s (rd.holdfast.timeout=)`,
      'Name it in a way that does not change (LABEL=, UUID=, /dev/disk/by-id/...), or wait longer.',
    )
  }
  if (device.number === root?.device?.number) {
    throw new RefusedError(
      `${name} holds the root itself`,
      'A store cannot lie on the file system that it protects: put it on another one.',
    )
  }
  const { readOnly } = config.overlay
  const mount = findHolder(facts, device)
  if (mount === undefined) {
    judgeJournal(name, device)
    return planHolder(name, device, HOLDER_FOLDER, readOnly)
  }
  const found = useMount(device, mount, readOnly)
  return staysMounted(facts, mount) ? found : planSecondMount(found)
}

/** The mount by which all files of the device can be reached; not one that another mount hides. */
export function findHolder(facts: Facts, device: BlockDevice): Mount | undefined {
  return facts.mounts.find(
    (mount) =>
      mount.device === device.number &&
      mount.root === '/' &&
      findMount(facts.mounts, mount.mountPoint) === mount,
  )
}

/** switch_root takes /run along; what is mounted below the root is moved about before, and the rest is hidden. */
function staysMounted({ newRoot }: Facts, { mountPoint }: Mount): boolean {
  return newRoot === '/' || mountPoint.startsWith('/run/')
}

/** The mounted persistence device at its own place as well, so that neither the root nor shutdown depends on the other. */
function planSecondMount({ device, folder, steps }: Reach): Reach {
  const bind: Step = { kind: 'bind-mount', from: folder, at: HOLDER_FOLDER, apart: true }
  return {
    device,
    folder: HOLDER_FOLDER,
    mounted: false,
    steps: [...steps, { kind: 'make-directory', path: HOLDER_FOLDER }, bind],
  }
}

/** How to mount a persistence device that is not mounted. Throws a RefusedError when it cannot be used. */
export function planHolder(
  name: string,
  device: BlockDevice,
  folder: string,
  readOnly: boolean,
): Reach {
  const type = holderType(name, device)
  judgeUse(name, device, readOnly)
  const mode = readOnly ? 'ro' : 'rw'
  const steps: Step[] = [
    ...(readOnly ? [] : planCheck(device)),
    { kind: 'make-directory', path: folder },
    { kind: 'mount', device: device.node, at: folder, type, options: [mode, 'noatime'] },
  ]
  return { device, folder, mounted: false, steps }
}

const NOT_A_FILE_SYSTEM: ReadonlyMap<string, string> = new Map([
  ['crypto_LUKS', 'is encrypted: open it first and name the opened device under /dev/mapper'],
  ['LVM2_member', 'is an LVM physical volume: name the logical volume'],
  ['linux_raid_member', 'is a member of an array: name the array'],
  ['swap', 'is swap space'],
  ['DM_snapshot_cow', 'is a store itself: a store is a file on a file system'],
])

function holderType(name: string, device: BlockDevice): string {
  const type = device.content?.type
  const why = type === undefined ? undefined : NOT_A_FILE_SYSTEM.get(type)
  if (why !== undefined) {
    throw new RefusedError(`${name} ${why}`, 'The persistence device has to hold a file system.')
  }
  return type ?? 'auto'
}

/** How to use a mount that is there: as it is, made writable where the store is to be written. */
export function useMount(device: BlockDevice, mount: Mount, readOnly: boolean): Reach {
  const isReadOnly = mount.options.includes('ro') || mount.superOptions.includes('ro')
  const remount: Step = { kind: 'remount', at: mount.mountPoint, options: 'rw', before: 'ro' }
  return {
    device,
    folder: mount.mountPoint,
    mounted: true,
    steps: isReadOnly && !readOnly ? [remount] : [],
  }
}
