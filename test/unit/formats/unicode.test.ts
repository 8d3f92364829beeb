import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeUtf8, decodeUtf16 } from '../../../src/formats/unicode.ts'
import { seededRandom } from './seeded-random.ts'

const reference = new TextDecoder('utf-8', { ignoreBOM: true })

test('text of one to four bytes a character is decoded', () => {
  const text = 'kelp, Größe, 海藻, 🌊, \u0000, \u{10ffff}'
  assert.is(decodeUtf8(new TextEncoder().encode(text)), text)
})

test('malformed bytes become U+FFFD', () => {
  assert.is(decodeUtf8(Uint8Array.of(0x61, 0xff, 0x62)), 'a\ufffdb')
  assert.is(decodeUtf8(Uint8Array.of(0xe6, 0xb5)), '\ufffd')
  assert.is(decodeUtf8(Uint8Array.of(0xc0, 0xaf)), '\ufffd\ufffd')
  assert.is(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80)), '\ufffd\ufffd\ufffd')
})

test('any bytes give what the WHATWG decoder gives', () => {
  const random = seededRandom(1)
  // Mostly bytes at the borders of what is allowed: plain random ones hardly ever make a sequence.
  const borders = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1]
  borders.push(0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff)
  for (let round = 0; round < 20000; round++) {
    const bytes = Uint8Array.from({ length: random(9) }, () =>
      random(4) === 0 ? random(256) : (borders[random(borders.length)] ?? 0),
    )
    assert.is(decodeUtf8(bytes), reference.decode(bytes), `bytes ${bytes}`)
  }
})

test('UTF-16 ends at a zero, joins pairs and replaces a lone surrogate', () => {
  const units = (...codes: number[]) =>
    Uint8Array.from(codes.flatMap((code) => [code & 0xff, code >> 8]))
  assert.is(decodeUtf16(units(0x61, 0xe4, 0, 0x62)), 'aä')
  assert.is(decodeUtf16(units(0xd83c, 0xdf0a, 0x21)), '🌊!')
  assert.is(decodeUtf16(units(0xd83c, 0x21)), '\ufffd!')
  assert.is(decodeUtf16(units(0xdf0a)), '\ufffd')
  assert.is(decodeUtf16(units(0xd83c)), '\ufffd')
  assert.is(decodeUtf16(Uint8Array.of(0x61, 0, 0x62)), 'a')
})

test.run()
