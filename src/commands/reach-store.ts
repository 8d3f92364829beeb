import { type DeviceSpec, formatDeviceSpec } from '../cmdline/device-spec.ts'
import { parseStoreSpec } from '../cmdline/store-spec.ts'
import { RefusedError, UsageError } from '../errors.ts'
import type { Facts } from '../machine/facts.ts'
import { locate, probeWithDevice } from '../machine/locate.ts'
import { probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { findHolder, planHolder, type Reach, useMount } from '../overlay/plan-reach.ts'
import type { Step } from '../plan/step.ts'

/** A store that a command was given: the device, and the path on its file system. */
export interface NamedStore {
  readonly device: DeviceSpec
  readonly path: string
}

/** DEVICE:PATH as typed. Throws a UsageError where it names no device, or no path on it. */
export function parseStoreName(name: string): NamedStore {
  const spec = parseStoreSpec(name)
  if ('why' in spec) throw new UsageError(`'${name}': ${spec.why}`)
  const { device, path } = spec
  if (path !== undefined) return { device, path }
  throw new UsageError(`'${name}': name the store's path too, as in ${name}:/persist.img`)
}

/**
 * How a command gets at the files of a device, writable: by the mount that is there, else mounted at `folder`. Throws a
 * RefusedError when there is no such device, or it holds no file system that can be written to.
 */
function reachDevice(facts: Facts, spec: DeviceSpec, folder: string): Reach {
  const name = formatDeviceSpec(spec)
  const device = locate(facts, spec)
  if (device === undefined) {
    throw new RefusedError(`there is no device ${name}`, 'See what is there with: holdfast probe')
  }
  const mount = findHolder(facts, device)
  return mount === undefined
    ? planHolder(name, device, folder, false)
    : useMount(device, mount, false)
}

/** The same, and the machine as it is now. */
export function reachNow(
  system: System,
  spec: DeviceSpec,
  folder: string,
): { readonly facts: Facts; readonly reach: Reach } {
  const facts = probeWithDevice(system, probeNewRoot(system), spec)
  return { facts, reach: reachDevice(facts, spec, folder) }
}

/** The reached folder as the beginning of a path: empty for the root of all. */
export function pathPrefix({ folder }: Reach): string {
  return folder === '/' ? '' : folder
}

/** The steps that let a device go again which was mounted only to be reached. */
export function planLetGo(reach: Reach): Step[] {
  return reach.mounted ? [] : [{ kind: 'unmount', at: reach.folder, restore: undefined }]
}
