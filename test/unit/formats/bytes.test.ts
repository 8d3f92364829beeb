import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  formatBytes,
  hasText,
  joinWords,
  setU32,
  u8,
  u16,
  u32,
  u32be,
  u64,
  u64be,
} from '../../../src/formats/bytes.ts'

const bytes = Uint8Array.of(0x01, 0x82, 0x03, 0x84, 0x05, 0x06, 0x07, 0x00)

test('numbers are read in both byte orders, without a sign', () => {
  assert.is(u8(bytes, 1), 0x82)
  assert.is(u16(bytes, 0), 0x8201)
  assert.is(u32(bytes, 0), 0x84038201)
  assert.is(u32be(bytes, 1), 0x82038405)
  assert.is(u64(Uint8Array.of(1, 0, 0, 0x80, 2, 0, 0, 0), 0), 0x2_8000_0001)
  assert.is(u64be(Uint8Array.of(0, 0, 0, 2, 0x80, 0, 0, 1), 0), 0x2_8000_0001)
})

test('what lies past the end reads as zero', () => {
  assert.is(u8(bytes, 8), 0)
  assert.is(u16(bytes, 6), 7)
  assert.is(u32(bytes, 100), 0)
  assert.is(u64(new Uint8Array(0), 0), 0)
})

test('a 64-bit number is read up to the last one that a Number holds exactly', () => {
  assert.is(joinWords(0x1f_ffff, 0xffff_ffff), Number.MAX_SAFE_INTEGER)
  assert.is(joinWords(0x20_0000, 0), undefined)
  assert.is(u64(new Uint8Array(8).fill(0xff), 0), undefined)
  assert.is(u64be(new Uint8Array(8).fill(0xff), 0), undefined)
})

test('a number that is written reads back', () => {
  for (const value of [0, 1, 0x70416e53, 0x8000_0000, 0xffff_ffff]) {
    const written = new Uint8Array(6)
    setU32(written, 1, value)
    assert.is(u32(written, 1), value)
    assert.is(written[0], 0)
    assert.is(written[5], 0)
  }
})

test('a text is found at its place alone, and not half past the end', () => {
  const text = Uint8Array.of(0x58, 0x46, 0x53, 0x42)
  assert.ok(hasText(text, 0, 'XFSB'))
  assert.not.ok(hasText(text, 1, 'XFSB'))
  assert.not.ok(hasText(text, 2, 'SBX'))
})

test('bytes are shown in IEC units with one decimal, or none when whole', () => {
  assert.is(formatBytes(0), '0 B')
  assert.is(formatBytes(1023), '1023 B')
  assert.is(formatBytes(1024), '1 KiB')
  assert.is(formatBytes(1536), '1.5 KiB')
  assert.is(formatBytes(300 * 2 ** 20), '300 MiB')
  assert.is(formatBytes(43_200_000), '41.2 MiB')
  assert.is(formatBytes(2056.0078125 * 2 ** 20), '2 GiB')
  assert.is(formatBytes(Number.MAX_SAFE_INTEGER), '8 PiB')
})

test('what would round up to 1024 is shown in the next unit', () => {
  assert.is(formatBytes(2 ** 20 - 1), '1 MiB')
  assert.is(formatBytes(1023.9 * 1024), '1023.9 KiB')
})

test.run()
