import type { DeviceSpec } from '../cmdline/device-spec.ts'
import { formatDeviceSpec, udevLink } from '../cmdline/device-spec.ts'
import { attempt, tryText } from './attempt.ts'
import type { BlockDevice, Facts } from './facts.ts'
import { probeMachine } from './probe.ts'
import type { System } from './system.ts'

/** The device that a specification means, by udev's links, or by what the devices hold where it was read. */
export function locate(facts: Facts, spec: DeviceSpec): BlockDevice | undefined {
  const link = udevLink(spec)
  const named = facts.devices.find((device) => device.node === link || device.links.includes(link))
  if (named !== undefined || spec.kind === 'path') return named
  return facts.devices.find((device) => holdsTag(device, spec.kind, spec.value))
}

function holdsTag(device: BlockDevice, kind: DeviceSpec['kind'], value: string): boolean {
  if (device.holders.length > 0) return false
  if (kind === 'label') return device.content?.label === value
  return kind === 'uuid' && device.content?.uuid?.toLowerCase() === value.toLowerCase()
}

const LOOK_EVERY_MS = 100

/**
 * Facts in which the device is, as soon as it is there; facts without it after `seconds`. With udev it
 * waits for udev's link, without udev it reads what every device holds. `said` is called once, before waiting.
 */
export function waitForDevice(
  system: System,
  newRoot: string,
  spec: DeviceSpec,
  seconds: number,
  said: (text: string) => void,
): Facts {
  const deadline = system.monotonicMs() + seconds * 1000
  for (let looks = 0; ; looks++) {
    const facts = probeWithDevice(system, newRoot, spec)
    if (locate(facts, spec) !== undefined || system.monotonicMs() >= deadline) return facts
    if (looks === 0) said(`waiting up to ${seconds} s for ${formatDeviceSpec(spec)}`)
    do system.sleep(LOOK_EVERY_MS)
    while (!mayBeThere(system, spec) && system.monotonicMs() < deadline)
  }
}

/** The facts, with the content of the device that the specification means, and its path among its links. */
export function probeWithDevice(system: System, newRoot: string, spec: DeviceSpec): Facts {
  const number = deviceNumber(system, udevLink(spec))
  const byContent = number === undefined && spec.kind !== 'path' && !udevRuns(system)
  const facts = probeMachine(system, newRoot, (device) => byContent || device.number === number)
  if (number === undefined) return facts
  return { ...facts, devices: facts.devices.map((device) => withLink(device, number, spec)) }
}

function withLink(device: BlockDevice, number: string, spec: DeviceSpec): BlockDevice {
  const link = udevLink(spec)
  if (device.number !== number || device.links.includes(link)) return device
  return { ...device, links: [...device.links, link] }
}

function mayBeThere(system: System, spec: DeviceSpec): boolean {
  if (spec.kind !== 'path' && !udevRuns(system)) return true
  return deviceNumber(system, udevLink(spec)) !== undefined
}

/** "major:minor" of the block device of that path that holds something; undefined when there is none. */
function deviceNumber(system: System, path: string): string | undefined {
  const stat = attempt(() => system.stat(path), undefined)
  if (stat?.kind !== 'block') return undefined
  return Number(tryText(system, `/sys/dev/block/${stat.names}/size`)) > 0 ? stat.names : undefined
}

/** Without udev no link will ever appear, and what the devices hold has to be read instead. */
function udevRuns(system: System): boolean {
  return system.exists('/run/udev/control')
}
