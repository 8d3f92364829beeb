import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { grownBytes, isNearlyFull, type Room } from '../../../src/overlay/growth.ts'
import { longestFileBytes } from '../../../src/overlay/longest-file.ts'
import { planGrow, planGrowAttached } from '../../../src/overlay/plan-grow.ts'
import { stepsOf } from '../script-of.ts'

const test = suite('growth')

const MIB = 1 << 20
/** Over a base of 1 GiB with chunks of 16 KiB no store needs more than this. */
const ENOUGH = (2 + 65536 + 64) * 16384

const room: Room = {
  bytes: 100 * MIB,
  usedBytes: 90 * MIB,
  chunkSectors: 32,
  baseSectors: 2097152,
  holderFreeBytes: 400 * MIB,
}

test('a store grows until what is wanted is free', () => {
  assert.is(grownBytes(room, 64 * MIB), 154 * MIB)
  assert.is(grownBytes({ ...room, baseSectors: undefined }, 64 * MIB), 154 * MIB)
})

test('it does not shrink where more is free than was wanted', () => {
  assert.is(grownBytes(room, 4 * MIB), 100 * MIB)
})

test('it grows no further than the base can ever need', () => {
  const wide = { ...room, holderFreeBytes: 4000 * MIB }
  assert.is(grownBytes(wide, 4000 * MIB), ENOUGH)
})

test('the holder keeps a margin, and chunks are whole', () => {
  assert.is(grownBytes({ ...room, holderFreeBytes: 4 * MIB + 20000 }, 64 * MIB), 100 * MIB + 16384)
  assert.is(grownBytes({ ...room, holderFreeBytes: 3 * MIB }, 64 * MIB), 100 * MIB)
})

test('it grows no further than the longest file of its file system', () => {
  const longestBytes = 160 * MIB - 1
  assert.is(grownBytes({ ...room, longestBytes }, 400 * MIB), 160 * MIB - 16384)
  assert.is(
    grownBytes({ ...room, bytes: 160 * MIB - 16384, longestBytes }, 400 * MIB),
    160 * MIB - 16384,
  )
  assert.is(longestFileBytes('vfat'), 2 ** 32 - 1)
  assert.is(longestFileBytes('ext4'), undefined)
  assert.is(longestFileBytes(undefined), undefined)
})

test('nearly full: less than 4 MiB free, of a small store a quarter', () => {
  assert.not(isNearlyFull({ ...room, usedBytes: 96 * MIB }))
  assert.ok(isNearlyFull({ ...room, usedBytes: 96 * MIB + 16384 }))
  assert.not(isNearlyFull({ ...room, bytes: 8 * MIB, usedBytes: 6 * MIB }))
  assert.ok(isNearlyFull({ ...room, bytes: 8 * MIB, usedBytes: 6 * MIB + 16384 }))
})

test('a store that cannot overflow is never nearly full', () => {
  assert.not(isNearlyFull({ ...room, bytes: ENOUGH, usedBytes: ENOUGH }))
})

test('a store is longer on the disk before its loop device is; one that is long enough gets that resized', () => {
  const growth = { path: '/h/s', fromBytes: 16384, bytes: 49152, allocation: 'fallocate' } as const
  assert.is(
    stepsOf(planGrowAttached(growth, '/dev/loop2')),
    'fallocate --offset 16384 --length 32768 /h/s\nsync /h/s\nlosetup --set-capacity /dev/loop2\n',
  )
  assert.equal(planGrow({ ...growth, bytes: 16384 }), [])
  assert.is(
    stepsOf(planGrowAttached({ ...growth, bytes: 16384 }, '/dev/loop2')),
    'sync /h/s\nlosetup --set-capacity /dev/loop2\n',
  )
})

test.run()
