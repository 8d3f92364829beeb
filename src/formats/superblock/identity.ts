import { u8 } from '../bytes.ts'
import { decodeUtf8 } from '../unicode.ts'

/** `{ label }` from a fixed field: up to its first NUL, without blanks at its end; `{}` if then empty. */
export function labelOf(bytes: Uint8Array, at: number, length: number): { label?: string } {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return labelFrom(decodeUtf8(end < 0 ? field : field.subarray(0, end)))
}

/** `{ label }` from text, without blanks at its end; `{}` if then empty. */
export function labelFrom(text: string): { label?: string } {
  const label = text.replace(/[ \t\n\v\f\r]+$/, '')
  return label === '' ? {} : { label }
}

/** `{ uuid }` of 16 bytes in the 8-4-4-4-12 form; `{}` when they are all zero. */
export function uuidOf(bytes: Uint8Array, at: number): { uuid?: string } {
  const hex = hexOf(bytes, at, 16)
  if (/^0*$/.test(hex)) return {}
  return { uuid: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') }
}

/** `{ uuid }` of the little-endian serial number of a FAT volume: "ABCD-1234"; `{}` when it is zero. */
export function serialOf(bytes: Uint8Array, at: number): { uuid?: string } {
  const hex = hexOf(bytes.slice(at, at + 4).reverse(), 0, 4).toUpperCase()
  return hex === '00000000' ? {} : { uuid: `${hex.slice(0, 4)}-${hex.slice(4)}` }
}

function hexOf(bytes: Uint8Array, at: number, length: number): string {
  let hex = ''
  for (let i = 0; i < length; i++)
    hex += u8(bytes, at + i)
      .toString(16)
      .padStart(2, '0')
  return hex
}

/** `{ bytes }` of so many blocks; `{}` when that is not known, or more than a Number can hold exactly. */
export function lengthOf(blocks: number | undefined, blockBytes: number): { bytes?: number } {
  const bytes = (blocks ?? Number.NaN) * blockBytes
  return Number.isSafeInteger(bytes) && bytes > 0 ? { bytes } : {}
}

/** `{ isSpread }` where that is so. */
export function spreadIf(isSpread: boolean): { isSpread?: true } {
  return isSpread ? { isSpread } : {}
}
