/** Up to `length` bytes from `offset` of a file or device; fewer at its end. */
export type ByteReader = (offset: number, length: number) => Uint8Array

/** One byte; 0 past the end, as everywhere in this file: no reader here ever throws. */
export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

/** Unsigned 16-bit number, little endian. */
export function u16(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) + u8(bytes, at + 1) * 0x100
}

/** Unsigned 32-bit number, little endian. */
export function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + u16(bytes, at + 2) * 0x10000
}

/** Unsigned 64-bit number, little endian; undefined when a Number cannot hold it exactly. */
export function u64(bytes: Uint8Array, at: number): number | undefined {
  return joinWords(u32(bytes, at + 4), u32(bytes, at))
}

/** Unsigned 16-bit number, big endian. */
export function u16be(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) * 0x100 + u8(bytes, at + 1)
}

/** Unsigned 32-bit number, big endian. */
export function u32be(bytes: Uint8Array, at: number): number {
  return u16be(bytes, at) * 0x10000 + u16be(bytes, at + 2)
}

/** Unsigned 64-bit number, big endian; undefined when a Number cannot hold it exactly. */
export function u64be(bytes: Uint8Array, at: number): number | undefined {
  return joinWords(u32be(bytes, at), u32be(bytes, at + 4))
}

/** The number that two 32-bit words make; undefined when a Number cannot hold it exactly. */
export function joinWords(high: number, low: number): number | undefined {
  return high < 0x20_0000 ? high * 0x1_0000_0000 + low : undefined
}

/** Writes an unsigned 32-bit number, little endian, in place. */
export function setU32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = (value >>> (8 * i)) & 0xff
}

/** Whether the ASCII text stands at this place. */
export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false
  }
  return true
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** A number of bytes for a person: IEC units, one decimal unless it is 0 ("41.2 MiB", "300 MiB"). */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // 1023.95 would be shown as 1024.0: it belongs to the next unit already.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${Math.round(value * 10) / 10} ${UNITS[unit]}`
}
