import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  isDisorderly,
  neverOverflowBytes,
  orderlyBytes,
} from '../../../src/formats/never-overflow.ts'

const MIB = 2 ** 20

/** MiB of the store, for chunks of 4, 16, 32 and 64 KiB; measured against the kernel. */
const table: [baseMib: number, ...storeMib: string[]][] = [
  [512, '514.008', '512.531', '512.312', '512.250'],
  [1024, '1028.008', '1025.031', '1024.562', '1024.375'],
  [2048, '2056.008', '2050.031', '2049.062', '2048.625'],
  [4096, '4112.008', '4100.031', '4098.062', '4097.125'],
  [8192, '8224.008', '8200.031', '8196.062', '8194.125'],
]

for (const [baseMib, ...storeMib] of table) {
  test(`a base of ${baseMib} MiB needs ${storeMib.join(', ')} MiB`, () => {
    for (const [i, chunkSectors] of [8, 32, 64, 128].entries()) {
      const mib = neverOverflowBytes(baseMib * 2048, chunkSectors) / MIB
      assert.ok(Math.abs(mib - Number(storeMib[i])) < 0.001, `${mib} for ${chunkSectors} sectors`)
    }
  })
}

test('a base of 16384 chunks of 4 KiB needs 16450: with 16449 the kernel gives the store up', () => {
  assert.is(neverOverflowBytes(16384 * 8, 8), 16450 * 4096)
})

test('a last metadata area that is not full needs no area after it', () => {
  assert.is(neverOverflowBytes(16383 * 8, 8), (1 + 16383 + 64) * 4096)
  assert.is(neverOverflowBytes(255 * 8, 8), (1 + 255 + 1) * 4096)
  assert.is(neverOverflowBytes(256 * 8, 8), (1 + 256 + 2) * 4096)
})

test('a base that ends within a chunk needs the whole chunk', () => {
  assert.is(neverOverflowBytes(9, 8), neverOverflowBytes(16, 8))
  assert.is(neverOverflowBytes(17, 8), neverOverflowBytes(16, 8) + 4096)
})

test('a store that would end where the kernel zeroes a metadata area is a chunk shorter', () => {
  // 256 MiB in chunks of 4 KiB, and 1,009 MiB in chunks of 16 KiB, are such lengths.
  assert.is(orderlyBytes(256 * MIB, 8), 256 * MIB - 4096)
  assert.is(orderlyBytes(1009 * MIB, 32), 1009 * MIB - 16384)
  assert.is(orderlyBytes(16449 * 4096, 8), 16448 * 4096)
  for (const chunks of [3, 257, 259, 16448, 16450]) {
    assert.is(orderlyBytes(chunks * 4096 + 4095, 8), chunks * 4096)
    assert.not(isDisorderly(chunks * 4096 + 4095, 8))
  }
  assert.ok(isDisorderly(258 * 4096, 8))
})

test('no length that a base can ever need is such a one', () => {
  for (let chunks = 1; chunks < 3000; chunks++) {
    for (const chunkSectors of [1, 2, 8]) {
      assert.not(
        isDisorderly(neverOverflowBytes(chunks * chunkSectors, chunkSectors), chunkSectors),
      )
    }
  }
})

test.run()
