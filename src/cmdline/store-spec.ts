import { cleanPath } from './clean-path.ts'
import { type DeviceSpec, formatDeviceSpec, parseDeviceSpec } from './device-spec.ts'
import type { Refusal } from './refusal.ts'

/** A store as it is named everywhere: DEVICE:PATH. */
export interface StoreSpec {
  readonly device: DeviceSpec
  /** Absolute on the device's file system; undefined means auto. */
  readonly path: string | undefined
}

/** udev names these after where a device is plugged in, with colons of their own. */
const NAMES_WITH_COLONS = /^\/dev\/disk\/by-(?!uuid\/|partuuid\/|label\/|partlabel\/)/

/**
 * `<device>:<path>`, `<device>:auto`, `<device>:` or `<device>`; a path without a leading slash gets one.
 * Colons inside a device's name or a label are kept where the text can be told apart: see splitStoreSpec.
 */
export function parseStoreSpec(text: string): StoreSpec | Refusal {
  const [deviceText, pathText] = splitStoreSpec(text)
  const device = parseDeviceSpec(deviceText)
  if ('why' in device) return device
  if (pathText === undefined) return { device, path: undefined }
  const path = cleanPath(pathText.startsWith('/') ? pathText : `/${pathText}`)
  if (typeof path !== 'string') return path
  if (path === '') return { why: `the path '${pathText}' names no file` }
  return { device, path }
}

/**
 * dracut cuts at the first colon, and so breaks /dev/disk/by-path/pci-0000:00:1f.2-ata-1:/x. Here the path
 * begins at the first colon before a slash; failing that, a colon at the end, or before auto at the end,
 * asks for auto; failing that, what follows the last colon is a path without its slash, unless
 * the device's name is of a kind that has colons.
 */
function splitStoreSpec(text: string): [device: string, path: string | undefined] {
  const absolute = text.indexOf(':/')
  if (absolute >= 0) return [text.slice(0, absolute), text.slice(absolute + 1)]
  const auto = /:(auto)?$/.exec(text)
  if (auto !== null) return [text.slice(0, auto.index), undefined]
  const last = NAMES_WITH_COLONS.test(text) ? -1 : text.lastIndexOf(':')
  if (last < 0) return [text, undefined]
  return [text.slice(0, last), text.slice(last + 1)]
}

/** DEVICE:PATH, or DEVICE:auto; not escaped. */
export function formatStoreSpec(spec: StoreSpec): string {
  return `${formatDeviceSpec(spec.device)}:${spec.path ?? 'auto'}`
}
