import { cleanPath } from './clean-path.ts'
import type { Refusal } from './refusal.ts'

/** A block device as an administrator names it: by path, or by a tag that udev or a superblock knows. */
export type DeviceSpec =
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'label' | 'uuid' | 'partlabel' | 'partuuid'
      readonly value: string
    }

type TagKind = Exclude<DeviceSpec['kind'], 'path'>

/** CDLABEL is dracut's name for the label of an optical medium; to udev it is a label like any other. */
const TAG_KINDS: Readonly<Record<string, TagKind>> = {
  LABEL: 'label',
  CDLABEL: 'label',
  UUID: 'uuid',
  PARTLABEL: 'partlabel',
  PARTUUID: 'partuuid',
}

/** Names of disks, to guess what was meant; they are not accepted without /dev/. */
const KERNEL_NAME = /^((sd|vd|hd|xvd)[a-z]+\d*|(nvme|mmcblk|md|dm-|loop|nbd|sr)\w+)$/
const TAG = /^([A-Za-z]+)=(.*)$/s
const ACCEPTED = 'a path below /dev/, LABEL=, UUID=, PARTLABEL= or PARTUUID='

/**
 * `/dev/...` or a tag in upper case, as dracut has it. A tag's value may stand in quotes, as in
 * blkid_parse_tag_string of libblkid. Texts in a refusal are not escaped.
 */
export function parseDeviceSpec(text: string): DeviceSpec | Refusal {
  const [, tag, value] = TAG.exec(text) ?? []
  if (tag !== undefined && value !== undefined) return parseTag(tag, value)
  if (!text.startsWith('/dev/')) return { why: notADevice(text) }
  const path = cleanPath(text)
  if (typeof path !== 'string') return path
  return path.startsWith('/dev/') ? { kind: 'path', path } : { why: notADevice(text) }
}

function notADevice(text: string): string {
  if (text === '') return `no device is named: write ${ACCEPTED}`
  const guess = KERNEL_NAME.test(text) ? ` (perhaps /dev/${text})` : ''
  return `'${text}' is not a device${guess}: write ${ACCEPTED}`
}

function parseTag(tag: string, typedValue: string): DeviceSpec | Refusal {
  const kind = Object.hasOwn(TAG_KINDS, tag) ? TAG_KINDS[tag] : undefined
  if (kind === undefined)
    return { why: `'${tag}=' is not a way to name a device: write ${ACCEPTED}` }
  const value = typedValue.replace(/^(["'])(.*)\1$/s, '$2')
  if (value === '') return { why: `'${tag}=' names nothing` }
  if (/\p{Cc}/u.test(value)) return { why: `the value of '${tag}=' has a control character in it` }
  return { kind, value }
}

/** The device as on the kernel command line; not escaped. */
export function formatDeviceSpec(spec: DeviceSpec): string {
  return spec.kind === 'path' ? spec.path : `${spec.kind.toUpperCase()}=${spec.value}`
}

/** Where udev links the device (60-persistent-storage.rules); a path is its own link. */
export function udevLink(spec: DeviceSpec): string {
  if (spec.kind === 'path') return spec.path
  return `/dev/disk/by-${spec.kind}/${encodeUdev(spellAsUdev(spec.kind, spec.value))}`
}

/**
 * Identifiers in the case that libblkid prints: the long ones small, the short ones of FAT (1234-ABCD) and
 * NTFS (16 digits) in capitals.
 */
function spellAsUdev(kind: TagKind, value: string): string {
  if (kind === 'partuuid') return value.toLowerCase()
  if (kind !== 'uuid') return value
  return /^([\da-f]{4}-[\da-f]{4}|[\da-f]{16})$/i.test(value)
    ? value.toUpperCase()
    : value.toLowerCase()
}

/** blkid_encode_string: letters, digits, #+-.:=@_ and UTF-8 beyond ASCII stay, the rest becomes \x20. */
function encodeUdev(text: string): string {
  return text.replace(
    /[^\dA-Za-z#+\-.:=@_\u0080-\uffff]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
