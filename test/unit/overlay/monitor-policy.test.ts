import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Decision, decide, headroom, type Look } from '../../../src/overlay/monitor-policy.ts'
import { formatLevel } from '../../../src/overlay/plan-warning.ts'

const test = suite('monitor policy')

const MIB = 1 << 20
/** Over a base of 1 GiB with chunks of 16 KiB no store needs more than this. */
const ENOUGH = (2 + 65536 + 64) * 16384

/** A store of 300 MiB with so much free, on a device with so much free. */
function look(freeMib: number, holderMib: number, more: Partial<Look> = {}): Look {
  const bytes = 300 * MIB
  const room = {
    bytes,
    usedBytes: bytes - freeMib * MIB,
    chunkSectors: 32,
    baseSectors: 2097152,
    holderFreeBytes: holderMib * MIB,
  }
  return { room, state: 'active', ...more }
}

const waits = (level: string, pauseMs: number) =>
  ({ kind: 'wait', level, pauseMs, standby: false }) as Decision
/** It would grow if it could. */
const standsBy = (level: string) =>
  ({ kind: 'wait', level, pauseMs: 2000, standby: true }) as Decision
const headroomMib = (freeMib: number, holderMib: number, chunkSectors = 32) =>
  headroom({ ...look(freeMib, holderMib).room, chunkSectors }) / MIB

test('the head-room is what the kernel has given away unseen, and what a fast device takes in three quarters of a second', () => {
  assert.is(headroomMib(300, 4000), 32 + 192)
  assert.is(headroomMib(300, 4000, 8), 8 + 192)
  assert.is(headroomMib(300, 4000, 128), 128 + 192)
})

test('of a small device the store takes half, and of a very small one all', () => {
  assert.is(headroomMib(100, 200), 150)
  assert.is(headroomMib(8, 120), 64)
  assert.is(headroomMib(8, 30), 64)
})

test('as long as that is free it waits: the longer, the more is free', () => {
  assert.equal(decide(look(224, 4000)), waits('well', 437))
  assert.equal(decide(look(100, 100)), waits('well', 195))
  const { room } = look(0, 4000)
  const large = { ...room, baseSectors: 2 ** 30, bytes: 4096 * MIB }
  assert.equal(decide(look(0, 4000, { room: large })), waits('well', 2000))
})

test('where it could not grow it does not hurry', () => {
  assert.equal(decide(look(100, 4)), waits('well', 2000))
})

test('with less free the store grows at once, a portion at a time, by a third more than it has to', () => {
  assert.equal(decide(look(223, 4000)), { kind: 'grow', bytes: 364 * MIB, held: false })
  // 150 MiB are left, half of that is to be free, and a third more.
  assert.equal(decide(look(60, 90)), { kind: 'grow', bytes: 340 * MIB, held: false })
  assert.equal(decide(look(20, 30)), { kind: 'grow', bytes: 326 * MIB, held: false })
})

test('what it takes is enough for the next look, on a device of any size', () => {
  for (let holderMib = 5; holderMib < 1000; holderMib += 7) {
    let seen = look(10, holderMib)
    for (let growths = 0; ; growths++) {
      const decision = decide(seen)
      if (decision.kind !== 'grow') break
      assert.ok(growths < 10, `${growths} growths on a device with ${holderMib} MiB`)
      const { room } = seen
      const holderFreeBytes = room.holderFreeBytes - (decision.bytes - room.bytes)
      seen = { ...seen, room: { ...room, bytes: decision.bytes, holderFreeBytes } }
    }
  }
})

test('what its file has and its loop device has not is had first, with and without room beside it', () => {
  const bytes = 300 * MIB
  const lags = (holderMib: number, moreBytes: number) =>
    decide(look(20, holderMib, { fileBytes: bytes + moreBytes }))
  for (const holderMib of [0, 4000]) {
    const grows = { kind: 'grow', bytes: bytes + 16384, held: false }
    assert.equal(lags(holderMib, 16384), grows)
  }
  // Less than a chunk is of no use to the kernel.
  assert.equal(lags(0, 16383), standsBy('low'))
  const room = { ...look(0, 4000).room, bytes: ENOUGH - 16384 }
  assert.is.not(decide(look(0, 0, { room, fileBytes: ENOUGH })).kind, 'done')
})

test('writers wait while a store grows that may be full already, if it is written to at all', () => {
  const grows = (freeMib: number, filledBytes: number) => {
    const decision = decide(look(freeMib, 400, { filledBytes }))
    return decision.kind === 'grow' && decision.held
  }
  assert.is(grows(31, 0), false)
  assert.is(grows(31, 16384), true)
  assert.is(grows(33, 16384), false)
})

test('28: without room it warns: below a quarter of the store and 64 MiB, below a quarter of that', () => {
  assert.equal(decide(look(64, 4)), waits('well', 2000))
  assert.equal(decide(look(63, 4)), standsBy('low'))
  assert.equal(decide(look(15, 4)), standsBy('scarce'))
  assert.equal(decide(look(0.016, 4)), standsBy('scarce'))
})

test('a store with holes that its device has no blocks for has less free than it seems', () => {
  assert.equal(decide(look(300, -240)), standsBy('low'))
  assert.equal(decide(look(300, -290)), standsBy('scarce'))
  assert.equal(decide(look(300, -300)), standsBy('full'))
})

test('a store that is long enough is not done while it has holes: it gets their blocks where its device has them', () => {
  const { room } = look(0, 400)
  const sparse = (holderMib: number, more: Partial<Look> = {}) => {
    const holed = { ...room, bytes: ENOUGH, holderFreeBytes: holderMib * MIB }
    return decide(look(0, 0, { room: holed, missingBytes: 16384, ...more }))
  }
  assert.equal(sparse(4), { kind: 'grow', bytes: ENOUGH, held: false })
  assert.equal(sparse(3.9), waits('well', 2000))
  assert.equal(sparse(-1024), standsBy('full'))
  assert.equal(sparse(400, { missingBytes: 0 }), { kind: 'done' })
  for (const no of [{ mayGrow: false }, { mayFill: false }])
    assert.equal(sparse(400, no), waits('well', 2000))
})

test('one that has the head-room free gets the blocks of its holes too, and one that has not grows over them', () => {
  const missingBytes = 100 * MIB
  const fills = { kind: 'grow', bytes: 300 * MIB, held: false }
  assert.equal(decide(look(224, 4000, { missingBytes })), fills)
  assert.equal(decide(look(20, 4, { missingBytes })), fills)
  assert.equal(decide(look(223, 4000, { missingBytes })), decide(look(223, 4000)))
})

test('it is full when no chunk is free, even where the kernel cannot be asked any more', () => {
  assert.equal(decide(look(0.015, 4)), standsBy('full'))
  assert.equal(decide(look(0, 4, { state: 'unknown' })), standsBy('full'))
})

test('less than a MiB more is not worth a growth', () => {
  assert.is(decide(look(10, 5)).kind, 'grow')
  assert.is(decide(look(10, 4.5)).kind, 'wait')
})

test('an overflow waits for room, and is cured when there is some', () => {
  const overflow = { state: 'overflow' } as const
  assert.equal(decide(look(0, 4, overflow)), standsBy('full'))
  assert.equal(decide(look(0, 30, overflow)), { kind: 'grow', bytes: 326 * MIB, held: false })
  // Somebody made the store larger, and nothing more.
  assert.equal(decide(look(150, 4, overflow)), { kind: 'grow', bytes: 300 * MIB, held: false })
})

test('at the longest file of its file system it warns, and does not try', () => {
  for (const [freeMib, level] of [
    [63, 'low'],
    [15, 'scarce'],
    [0, 'full'],
  ] as const) {
    const { room } = look(freeMib, 4000)
    const longest = { ...room, longestBytes: 300 * MIB + 16383 }
    assert.equal(decide(look(0, 0, { room: longest })), waits(level, 2000))
    assert.match(formatLevel(level, longest) ?? '', /a file on FAT has less than 4 GiB/i)
    assert.not.match(formatLevel(level, longest) ?? '', 'it grows')
    assert.not.match(formatLevel(level, room) ?? '', 'FAT')
  }
})

test('what is past use is past growing', () => {
  for (const state of ['invalid', 'merge-failed'] as const) {
    assert.equal(decide(look(10, 400, { state })), waits('lost', 60_000))
  }
})

test('a store that cannot overflow needs nobody', () => {
  const { room } = look(0, 400)
  assert.equal(decide(look(0, 400, { room: { ...room, bytes: ENOUGH } })), { kind: 'done' })
})

test('it grows no further than its base can ever need', () => {
  const { room } = look(0, 4000)
  const nearly = { ...room, bytes: ENOUGH - 32 * MIB, usedBytes: ENOUGH - 40 * MIB }
  assert.equal(decide(look(0, 4000, { room: nearly })), {
    kind: 'grow',
    bytes: ENOUGH,
    held: false,
  })
})

/** Every look leads to growth, or to a pause: the loop never spins. */
test('whatever is seen, what follows changes something or takes time', () => {
  for (const state of ['active', 'overflow', 'invalid', 'unknown', 'merge-failed'] as const) {
    for (const freeMib of [0, 0.5, 1, 3, 50, 100, 300]) {
      for (const holderMib of [0, 4, 4.9, 5, 400]) {
        const seen = look(freeMib, holderMib, { state })
        const decision = decide(seen)
        if (decision.kind === 'wait') assert.ok(decision.pauseMs >= 50)
        if (decision.kind === 'grow' && state !== 'overflow') {
          assert.ok(decision.bytes > seen.room.bytes)
        }
      }
    }
  }
})

test.run()
