import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Decision, decide, headroom, type Look } from '../../../src/overlay/monitor-policy.ts'

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
  return { room, state: 'active', headroomBytes: 100 * MIB, ...more }
}

const waits = (level: string, pauseMs: number) => ({ kind: 'wait', level, pauseMs }) as Decision

test('the head-room is what may be dirty at once, each page in a chunk of its own', () => {
  assert.is(headroom(100 * MIB, 32), 400 * MIB)
  assert.is(headroom(100 * MIB, 8), 100 * MIB)
  assert.is(headroom(100 * MIB, 4), 100 * MIB)
  assert.is(headroom(0, 32), 16 * MIB)
})

test('as long as that is free it waits: the longer, the more is free', () => {
  assert.equal(decide(look(100, 400)), waits('well', 100))
  assert.equal(decide(look(250, 0)), waits('well', 250))
  assert.equal(decide(look(20, 0, { headroomBytes: 16 * MIB })), waits('well', 50))
})

test('with less free the store grows at once, a portion at a time', () => {
  assert.equal(decide(look(99, 400)), { kind: 'grow', bytes: 364 * MIB, held: false })
  assert.equal(decide(look(99, 40)), { kind: 'grow', bytes: 336 * MIB, held: false })
})

test('writers wait while a store grows that is about to be full', () => {
  const grows = (freeMib: number, headroomMib: number) => {
    const decision = decide(look(freeMib, 400, { headroomBytes: headroomMib * MIB }))
    return decision.kind === 'grow' && decision.held
  }
  assert.is(grows(4, 100), false)
  assert.is(grows(3, 100), true)
  assert.is(grows(3, 16), false)
  assert.is(grows(1, 16), true)
})

test('without room it warns: below the head-room, below a quarter of it', () => {
  assert.equal(decide(look(75, 4)), waits('well', 2000))
  assert.equal(decide(look(74, 4)), waits('low', 2000))
  assert.equal(decide(look(18, 4)), waits('scarce', 2000))
  assert.equal(decide(look(0, 4)), waits('scarce', 2000))
})

test('less than a MiB more is not worth a growth', () => {
  assert.is(decide(look(10, 5)).kind, 'grow')
  assert.is(decide(look(10, 4.5)).kind, 'wait')
})

test('an overflow waits for room, and is cured when there is some', () => {
  const overflow = { state: 'overflow' } as const
  assert.equal(decide(look(0, 4, overflow)), waits('full', 2000))
  assert.equal(decide(look(0, 30, overflow)), { kind: 'grow', bytes: 326 * MIB, held: false })
  // Somebody made the store larger, and nothing more.
  assert.equal(decide(look(150, 4, overflow)), { kind: 'grow', bytes: 300 * MIB, held: false })
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
