import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import { chooseGrownBytes, formatShare } from '../../../src/overlay/choose-size.ts'
import type { Room } from '../../../src/overlay/growth.ts'

const test = suite('size to grow to')

const MIB = 1 << 20
/** Over a base of 1 GiB with chunks of 16 KiB no store needs more than this. */
const ENOUGH = (2 + 65536 + 64) * 16384

const room: Room = {
  bytes: 300 * MIB,
  usedBytes: 290 * MIB,
  chunkSectors: 32,
  baseSectors: 2097152,
  holderFreeBytes: 404 * MIB,
}
const wide = { ...room, holderFreeBytes: 4000 * MIB }

const refuses = (of: Room, asked: number | undefined, reason: RegExp) =>
  assert.throws(
    () => chooseGrownBytes(of, asked),
    (error: Error) => error instanceof RefusedError && reason.test(error.message),
  )

test('as large as its base can ever need, or as its device has room for', () => {
  assert.is(chooseGrownBytes(wide, undefined), ENOUGH)
  assert.is(chooseGrownBytes(room, undefined), 700 * MIB)
  assert.is(chooseGrownBytes({ ...room, holderFreeBytes: 0 }, undefined), 300 * MIB)
})

test('as asked, in whole chunks; what it has already is nothing to do', () => {
  assert.is(chooseGrownBytes(room, 400 * MIB + 5000), 400 * MIB)
  assert.is(chooseGrownBytes(room, 300 * MIB), 300 * MIB)
  assert.is(chooseGrownBytes({ ...room, bytes: 300 * MIB + 512 }, 300 * MIB + 600), 300 * MIB + 512)
})

test('less than it has is refused, and more than fits', () => {
  refuses(room, 299 * MIB, /^the store has 300 MiB, and 299 MiB .* never shrinks$/)
  refuses(room, 701 * MIB, /^701 MiB do not fit/)
  assert.is(chooseGrownBytes({ ...room, holderFreeBytes: 0 }, 300 * MIB), 300 * MIB)
})

test('no longer than the longest file of its file system, and it says why', () => {
  const onFat = { ...wide, longestBytes: 512 * MIB - 1 }
  const most = 512 * MIB - 16384
  assert.is(chooseGrownBytes(onFat, undefined), most)
  refuses(onFat, 512 * MIB, /^512 MiB do not fit: a file on FAT has less than 4 GiB$/)
  assert.is(
    formatShare({ ...onFat, bytes: most }),
    '49 % of the base may change, for a file on FAT has less than 4 GiB',
  )
  assert.is(formatShare({ ...onFat, bytes: 300 * MIB }), '29 % of the base may change')
  assert.is(formatShare({ ...onFat, bytes: most, baseSectors: 2 ** 19 }), 'it cannot overflow')
})

test('where nothing is known of the base the size has to be said', () => {
  refuses({ ...wide, baseSectors: undefined }, undefined, /no record of its base/)
  assert.is(chooseGrownBytes({ ...wide, baseSectors: undefined }, 400 * MIB), 400 * MIB)
})

test('what share of the base may change', () => {
  assert.is(formatShare({ ...room, bytes: ENOUGH }), 'it cannot overflow')
  assert.is(formatShare({ ...room, bytes: ENOUGH - 16384 }), '99 % of the base may change')
  assert.is(formatShare({ ...room, bytes: 512 * MIB }), '49 % of the base may change')
  assert.is(formatShare({ ...room, baseSectors: undefined }), 'the size of its base is not known')
})

test.run()
