import { hasText, u8, u16, u32 } from '../bytes.ts'
import { decodeUtf8 } from '../unicode.ts'
import type { Superblock } from './fields.ts'
import { labelOf, lengthOf } from './identity.ts'

const CREATED = 813
const MODIFIED = 830

/**
 * ISO 9660 from its primary volume descriptor, the 2 KiB at 32768 (ECMA-119, 8.4). The label is that
 * descriptor's; a longer Joliet name is not looked for.
 */
export function probeIso9660(descriptor: Uint8Array): Superblock | undefined {
  if (u8(descriptor, 0) !== 1 || !hasText(descriptor, 1, 'CD001')) return undefined
  const uuid = dateOf(descriptor, MODIFIED) ?? dateOf(descriptor, CREATED)
  return {
    type: 'iso9660',
    ...labelOf(descriptor, 40, 32),
    ...(uuid === undefined ? {} : { uuid }),
    ...lengthOf(u32(descriptor, 80), u16(descriptor, 128)),
  }
}

/** blkid makes a UUID of a date's 16 digits, time zone left out: "2026-11-22-10-00-00-00". */
function dateOf(descriptor: Uint8Array, at: number): string | undefined {
  const digits = decodeUtf8(descriptor.subarray(at, at + 16))
  if (!/^\d{16}$/.test(digits) || /^0*$/.test(digits)) return undefined
  return digits.replace(/^(....)(..)(..)(..)(..)(..)/, '$1-$2-$3-$4-$5-$6-')
}
