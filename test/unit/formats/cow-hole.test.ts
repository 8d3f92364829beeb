import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeHole } from '../../../src/formats/cow-hole.ts'

const test = suite('cow hole')

/** Chunks of 4 KiB: 256 entries an area, area 0 at byte 4096, area 1 at byte 258 * 4096. */
const AREA_0 = 4096
const AREA_1 = 258 * 4096

test('a hole is counted from the end of the list, and what is behind it up to the last', () => {
  const stale = { offsetBytes: AREA_0 + 64 * 16, bytes: 3 * 16 }
  assert.equal(describeHole(8, 10, stale), { emptyEntries: 54, entriesBehind: 3 })
})

test('a list that has just begun an area ends at its beginning', () => {
  const stale = { offsetBytes: AREA_1 + 32 * 16, bytes: 16 }
  assert.is(describeHole(8, 256, stale).emptyEntries, 32)
})

test.run()
