import { u8, u16 } from './bytes.ts'

const REPLACEMENT = 0xfffd

/** UTF-8 bytes as text; each malformed sequence becomes one U+FFFD, as the WHATWG decoder has it. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const lead = u8(bytes, at++)
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    if (length === 1) {
      text += String.fromCharCode(lead)
      continue
    }
    let code = length === 0 || lead > 0xf4 ? REPLACEMENT : lead & (0x7f >> length)
    for (let i = 1; i < length && code !== REPLACEMENT; i++) {
      const next = bytes[at]
      if (next === undefined || !isContinuation(lead, i, next)) {
        code = REPLACEMENT
        break
      }
      code = code * 64 + (next & 0x3f)
      at++
    }
    text += String.fromCodePoint(code)
  }
  return text
}

/** The second byte's range is narrower after some first bytes: no overlong form, no surrogate. */
function isContinuation(lead: number, index: number, byte: number): boolean {
  const lowest = index > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = index > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  return byte >= lowest && byte <= highest
}

/** UTF-16 (little endian) up to the first zero unit as text; a lone surrogate becomes U+FFFD. */
export function decodeUtf16(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = u16(bytes, at)
    if (unit === 0) break
    const low = u16(bytes, at + 2)
    if (unit < 0xd800 || unit > 0xdfff) {
      text += String.fromCharCode(unit)
    } else if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
      text += String.fromCharCode(unit, low)
      at += 2
    } else {
      text += String.fromCharCode(REPLACEMENT)
    }
  }
  return text
}
