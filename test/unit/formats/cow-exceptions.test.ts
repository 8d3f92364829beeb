import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkExceptions, walkExceptions } from '../../../src/formats/cow-exceptions.ts'
import { cowGeometry } from '../../../src/formats/cow-geometry.ts'
import { findRepeated } from '../../../src/formats/find-repeated.ts'
import { seededRandom } from './seeded-random.ts'

const test = suite('all entries of a store')

const PER_AREA = 32

/** A store in chunks of one sector, whose entries these are: [old chunk, new chunk]. */
function storeOf(entries: readonly (readonly [old: number, place: number])[], chunks = 1000) {
  const bytes = new Uint8Array(chunks * 512)
  const view = new DataView(bytes.buffer)
  for (const [index, [oldChunk, newChunk]] of entries.entries()) {
    const area = Math.floor(index / PER_AREA)
    const at = (1 + area * (PER_AREA + 1)) * 512 + (index % PER_AREA) * 16
    view.setUint32(at, oldChunk, true)
    view.setUint32(at + 8, newChunk, true)
  }
  const read = (offset: number, length: number) => bytes.slice(offset, offset + length)
  return cowGeometry(read, 1, bytes.length)
}

const inTheirPlaces = (count: number) =>
  Array.from({ length: count }, (_, entry): [number, number] => [
    7 * entry,
    2 + entry + Math.floor(entry / PER_AREA),
  ])

const changed = (entries: readonly [number, number][], at: number, entry: [number, number]) =>
  entries.map((each, index) => (index === at ? entry : each))

function why(entries: readonly (readonly [number, number])[], baseSectors?: number): string {
  const found = checkExceptions(storeOf(entries), baseSectors)
  return found.kind === 'sound' ? 'sound' : found.why
}

test('every entry is shown in its order, and how far the reading has come', () => {
  const entries = inTheirPlaces(5 * PER_AREA + 3)
  const seen: [number, number][] = []
  let bytes = 0
  const list = walkExceptions(
    storeOf(entries),
    (oldChunk, newChunk, entry) => {
      assert.is(entry, seen.length)
      seen.push([oldChunk, newChunk])
    },
    (more) => {
      bytes += more
    },
  )
  assert.equal(seen, entries)
  assert.is(bytes, 6 * 512)
  assert.equal(list, { exceptions: 163, highestOldChunk: 7 * 162, lastArea: 5, stale: undefined })
})

test('what boot does not see: two entries for one chunk, far from the end of the list', () => {
  const entries = inTheirPlaces(5 * PER_AREA + 3)
  assert.is(why(entries), 'sound')
  assert.is(why(changed(entries, 9, [14, 11])), 'two entries are of chunk 14 of the base')
  assert.is(why(changed(entries, 9, [1, 4])), 'two entries have their data in chunk 4')
  assert.match(why(changed(entries, 9, [1, 1])), 'entry 9 says that its data is in chunk 1')
  assert.match(why(changed(entries, 9, [1, 1000])), 'entry 9 has its data in chunk 1000')
})

test('an entry of a chunk that the base has not is damage, where its length is known', () => {
  assert.is(why([[99, 2]], 100), 'sound')
  assert.match(why([[100, 2]], 100), 'an entry of chunk 100, and the base ends before that')
  assert.is(why([[100, 2]]), 'sound')
})

test('entries out of order, as kernels before 3.14 wrote them, are sound and told apart', () => {
  const inOrder = (entries: [number, number][]) => {
    const found = checkExceptions(storeOf(entries), undefined)
    return found.kind === 'sound' && found.inOrder
  }
  assert.is(inOrder(inTheirPlaces(40)), true)
  const swapped = changed(changed(inTheirPlaces(40), 3, [21, 6]), 4, [28, 5])
  assert.is(inOrder(swapped), false)
  assert.is(why(swapped), 'sound')
})

test('a number that came twice is found among any, with room for few at a time', () => {
  const random = seededRandom(3)
  for (const most of [8, 1000, 5000]) {
    const repeated = findRepeated(most)
    for (let value = 0; value < 4000; value++) repeated.add((value * 2 ** 40 + 7) % 2 ** 53)
    assert.is(repeated.find(), undefined)
    repeated.add(5)
    repeated.add(random(1) + 5)
    assert.is(repeated.find(), 5)
  }
})

test.run()
