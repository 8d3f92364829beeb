import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  COW_PROBE_BYTES,
  exceptionsPerArea,
  formatCowHeader,
  isChunkSectors,
  parseCowHeader,
} from '../../../src/formats/cow-store.ts'
import { seededRandom } from './seeded-random.ts'

function headerWith(place: number, ...bytes: number[]): Uint8Array {
  const header = new Uint8Array(COW_PROBE_BYTES)
  header.set(formatCowHeader(8))
  header.set(bytes, place)
  return header
}

test('a header is 16 bytes, little endian', () => {
  assert.equal(
    [...formatCowHeader(128)],
    [0x53, 0x6e, 0x41, 0x70, 1, 0, 0, 0, 1, 0, 0, 0, 128, 0, 0, 0],
  )
})

test('a header that is written parses back, for every chunk size from 1 sector to 4 MiB', () => {
  for (let chunkSectors = 1; chunkSectors <= 2 ** 13; chunkSectors *= 2) {
    const expected = { kind: 'store', valid: true, version: 1, chunkSectors }
    assert.equal(parseCowHeader(formatCowHeader(chunkSectors)), expected)
  }
})

test('a header for a chunk size that is not taken is a bug of the caller', () => {
  for (const sectors of [0, 3, 12, -8, 8.5, 2 ** 14, 2 ** 21, 2 ** 22, 2 ** 32 + 8, Number.NaN]) {
    assert.not.ok(isChunkSectors(sectors), String(sectors))
    assert.throws(() => formatCowHeader(sectors), /not a chunk size/)
  }
})

test('zeros all through are a blank store', () => {
  assert.equal(parseCowHeader(new Uint8Array(COW_PROBE_BYTES)), { kind: 'blank' })
})

test('four bytes of zero before something else are not blank, though the kernel would format it', () => {
  const ext4 = new Uint8Array(COW_PROBE_BYTES)
  ext4.set([0x53, 0xef], 1024 + 0x38)
  assert.equal(parseCowHeader(ext4), { kind: 'foreign' })
  assert.equal(parseCowHeader(headerWith(0, 0, 0, 0, 0)), { kind: 'foreign' })
})

test('a store that was given up is a store, but not valid', () => {
  const header = parseCowHeader(headerWith(4, 0))
  assert.is(header.kind === 'store' && header.valid, false)
})

test('another magic is foreign', () => {
  assert.equal(parseCowHeader(headerWith(0, 0x54)), { kind: 'foreign' })
})

test('a header that is cut short is foreign', () => {
  for (let length = 1; length < 16; length++) {
    assert.equal(parseCowHeader(formatCowHeader(8).subarray(0, length)), { kind: 'foreign' })
  }
})

test('another version is unfit, and the reason names it', () => {
  assert.equal(parseCowHeader(headerWith(8, 2)), {
    kind: 'unfit',
    why: 'its version is 2, not 1',
  })
})

test('a chunk size that is no power of two, or larger than 4 MiB, is unfit, and the reason names it', () => {
  for (const [sectors, ...bytes] of [
    [0, 0, 0, 0, 0],
    [24, 24, 0, 0, 0],
    [16384, 0, 0x40, 0, 0],
    [2097152, 0, 0, 0x20, 0],
    [4194304, 0, 0, 0x40, 0],
    [2147483648, 0, 0, 0, 0x80],
  ]) {
    const header = parseCowHeader(headerWith(12, ...bytes))
    assert.is(header.kind, 'unfit')
    assert.ok(header.kind === 'unfit' && header.why.includes(`${sectors} sectors`))
  }
})

test('an area is one chunk of 16-byte entries', () => {
  assert.equal([8, 32, 128].map(exceptionsPerArea), [256, 1024, 4096])
})

test('no header of rubbish throws or passes for a store with a chunk size of rubbish', () => {
  const random = seededRandom(3)
  const kinds = new Set<string>()
  for (let round = 0; round < 2000; round++) {
    const header = headerWith(random(16), random(256))
    if (random(2) === 0) header[random(16)] = random(256)
    const parsed = parseCowHeader(header)
    kinds.add(parsed.kind)
    if (parsed.kind === 'store') assert.ok(isChunkSectors(parsed.chunkSectors))
  }
  assert.equal([...kinds].sort(), ['foreign', 'store', 'unfit'])
})

test.run()
