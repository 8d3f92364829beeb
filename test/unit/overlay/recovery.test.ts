import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import { readBaseIdentity } from '../../../src/overlay/base-identity.ts'
import { judgeRecovery } from '../../../src/overlay/judge-recovery.ts'
import { planCopy, planSwap } from '../../../src/overlay/plan-recovery.ts'
import { probeBase } from '../../../src/overlay/probe-base.ts'
import type { CheckFacts } from '../../../src/overlay/probe-check.ts'
import type { Recovery, RecoveryFacts, RecoveryRequest } from '../../../src/overlay/recovery.ts'
import type { StoreFile } from '../../../src/overlay/store-facts.ts'
import { disk, dm, factsOf, usedStore } from '../facts-of.ts'
import { imageStart } from '../image-start.ts'
import { mapSystem } from '../map-system.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('recovery')

const MIB = 2 ** 20
const BYTES = 300 * MIB
const PATH = '/run/initramfs/overlayfs/persist.img'
const COPY = `${PATH}.recovery`
const image = imageStart('ext4', 1 << 17)
const identity = readBaseIdentity((at, length) => image.slice(at, at + length), 2 ** 21)

const store = usedStore(32, 10)
const invalid: Partial<StoreFile> = {
  header: { kind: 'store', valid: false, version: 1, chunkSectors: 32 },
}
const full: Partial<StoreFile> = {
  usage: { ...usedStore(32, 19000).usage, kind: 'sound', usedSectors: BYTES / 512 } as never,
}

function facts(
  changed: Partial<StoreFile>,
  more: Partial<RecoveryFacts> = {},
  check: Partial<CheckFacts> = {},
): RecoveryFacts {
  const record = {
    version: 1,
    base: identity,
    chunkSectors: 32,
    createdSeconds: 0,
    lastUsedSeconds: 0,
  } as const
  return {
    check: {
      name: 'NAME',
      store: { ...store, holderFreeBytes: 2000 * MIB, ...changed },
      exceptions: undefined,
      record: { kind: 'record', record },
      baseHere: undefined,
      attached: [],
      behindJournal: false,
      ...check,
    },
    path: PATH,
    entriesBeforeDamage: undefined,
    copyBytes: undefined,
    hasOld: false,
    isRunning: false,
    holderType: 'ext4',
    base: { kind: 'found', file: '/dev/base', identity },
    missingPrograms: [],
    ...more,
  }
}

const COPIED: RecoveryRequest = { inPlace: false, force: false }
const IN_PLACE: RecoveryRequest = { inPlace: true, force: false }

function judged(found: RecoveryFacts, asked = COPIED): Recovery {
  const recovery = judgeRecovery(found, asked)
  if (recovery === undefined) throw new Error('nothing is wrong with it')
  return recovery
}

function refusedWith(found: RecoveryFacts, reason: RegExp, asked = COPIED): void {
  assert.throws(
    () => judgeRecovery(found, asked),
    (error: Error) => error instanceof RefusedError && reason.test(error.message),
  )
}

test('a sound store needs nothing', () => {
  assert.is(judgeRecovery(facts({}), COPIED), undefined)
  assert.is(judgeRecovery(facts({}), IN_PLACE), undefined)
})

test('one that is in use is refused, sound or not', () => {
  const attached = { attached: [{ node: '/dev/loop4', users: [] }] }
  for (const changed of [{}, invalid]) {
    refusedWith(facts(changed, {}, attached), /^'NAME' is in use: it is attached to \/dev\/loop4$/)
  }
})

test('one at a time, and what is left of one that was killed is named', () => {
  refusedWith(facts(invalid, { isRunning: true }), /another recovery runs, or one was killed/)
})

test('a copy, and growth where it is full: no more than the base can ever need', () => {
  const { work, growth, isInvalid, repair } = judged(facts({ ...invalid, ...full }))
  assert.equal([work, isInvalid], [COPY, true])
  const bytes = (2 + 65536 + 64) * 16384
  assert.equal(growth, { path: COPY, fromBytes: BYTES, bytes, allocation: 'fallocate' })
  assert.equal(repair, {
    kind: 'planned',
    base: '/dev/base',
    baseSectors: 2 ** 21,
    how: 'safe',
  })
})

test('what the copy takes is not there to grow into', () => {
  const { growth } = judged(facts({ ...full, holderFreeBytes: 400 * MIB }))
  assert.is(growth?.bytes, BYTES + 96 * MIB)
  assert.is(
    judged(facts({ ...full, holderFreeBytes: 400 * MIB }), IN_PLACE).growth?.bytes,
    696 * MIB,
  )
})

test('a copy grows no further than a file can on its file system', () => {
  const longestBytes = BYTES + 100 * MIB - 1
  assert.is(judged(facts({ ...full, longestBytes })).growth?.bytes, BYTES + 100 * MIB - 16384)
})

test('a full copy that has no room to grow is refused, though the copy itself has it', () => {
  const holderFreeBytes = BYTES + 4 * MIB
  assert.is(judged(facts({ ...invalid, holderFreeBytes })).growth, undefined)
  refusedWith(facts({ ...full, holderFreeBytes }), new RegExp(`takes ${BYTES + 8 * MIB} bytes`))
})

test('what a copy takes that an interrupted recovery left is there for the next', () => {
  const holderFreeBytes = 4 * MIB
  refusedWith(facts({ ...invalid, holderFreeBytes }), /takes \d+ bytes/)
  const left = { copyBytes: BYTES }
  assert.is(judged(facts({ ...invalid, holderFreeBytes }, left)).work, COPY)
  const { growth } = judged(facts({ ...full, holderFreeBytes: 8 * MIB }, left), IN_PLACE)
  assert.is(growth?.bytes, BYTES + BYTES + 4 * MIB)
  // Nobody knows how much of it is free then.
  refusedWith(
    facts({ ...full, holderFreeBytes }, { ...left, holderType: 'xfs' }),
    /takes \d+ bytes/,
  )
})

test('in place without room it is marked valid, full as it is, and nothing is written into it', () => {
  const { growth, isInvalid, repair } = judged(
    facts({ ...invalid, ...full, holderFreeBytes: 0 }),
    IN_PLACE,
  )
  assert.equal([growth, isInvalid], [undefined, true])
  assert.equal(repair, {
    kind: 'left-out',
    why: 'there is no room in the store for what that writes',
  })
})

test('a sparse store: a copy has all its blocks, in place it gets them where there is room', () => {
  const sparse = { ...invalid, allocatedBytes: 100 * MIB }
  assert.is(judged(facts(sparse)).growth, undefined)
  const filled = judged(facts(sparse), IN_PLACE)
  assert.equal([filled.growth?.fromBytes, filled.growth?.bytes], [0, BYTES])
  assert.is(filled.repair.kind, 'planned')
  const without = judged(facts({ ...sparse, holderFreeBytes: 100 * MIB }), IN_PLACE)
  assert.equal([without.growth, without.repair.kind], [undefined, 'left-out'])
})

test('where files share their blocks a copy costs nothing, and has the holes of the store', () => {
  const sparse = { ...invalid, allocatedBytes: 100 * MIB, holderFreeBytes: 250 * MIB }
  const { growth } = judged(facts(sparse, { holderType: 'btrfs' }))
  assert.equal([growth?.path, growth?.fromBytes, growth?.bytes], [COPY, 0, BYTES])
  refusedWith(facts(sparse), /takes \d+ bytes/)
})

const leftOut: readonly (readonly [string, Partial<RecoveryFacts>, RegExp])[] = [
  ['no base', { base: { kind: 'none', why: 'not here' } }, /^not here$/],
  [
    'xfs',
    { base: { kind: 'found', file: '/b', identity: { ...identity, type: 'xfs' } } },
    /^it is xfs, and e2fsck checks ext2 to ext4$/,
  ],
  ['no program', { missingPrograms: ['dmsetup', 'e2fsck'] }, /^there is no dmsetup, e2fsck here$/],
]

for (const [title, more, why] of leftOut) {
  test(`${title}: the rest is done, and a sound store is refused even with --force`, () => {
    const { repair } = judged(facts(invalid, more))
    assert.match(repair.kind === 'left-out' ? repair.why : '', why)
    refusedWith(facts({}, more), /^'NAME' is sound, and its file system cannot be checked/, {
      ...COPIED,
      force: true,
    })
  })
}

test('a base that is too short for what the store holds is another one', () => {
  const long = { ...usedStore(32, 10).usage, leastBaseSectors: 2 ** 21 + 1 } as never
  refusedWith(facts({ ...invalid, usage: long }), /holds a change of sector 2097152/)
})

test('the old store is renamed when all of the copy is on the disk, and the folder at last', () => {
  const recovery = judged(facts(invalid))
  assert.is(
    stepsOf(planCopy(recovery)),
    lines(`rm -f ${COPY}`, `cp --reflink=auto --sparse=never ${PATH} ${COPY}`),
  )
  const folder = '/run/initramfs/overlayfs'
  assert.is(
    stepsOf(planSwap(recovery)),
    lines(
      `sync ${folder}`,
      `mv -f ${PATH} ${PATH}.before-recovery`,
      `mv -f ${COPY} ${PATH}`,
      `sync ${folder}`,
    ),
  )
  const inPlace = judged(facts(invalid), IN_PLACE)
  assert.equal([...planCopy(inPlace), ...planSwap(inPlace)], [])
  const left = judged(facts(invalid, { copyBytes: 0 }), IN_PLACE)
  assert.is(stepsOf(planCopy(left)), lines(`rm -f ${COPY}`))
})

test('base and store together are not taken for the base', () => {
  const devices = [
    dm(1, 'live-rw', 'holdfast-live-rw', ['dm-0']),
    dm(0, 'live-snapshot', 'holdfast-live-snapshot', []),
    disk('sdc', '8:32'),
    disk('sda2', '8:2'),
  ]
  const bytes = Object.fromEntries(devices.map(({ node }) => [node, image]))
  const system = mapSystem({ bytes: { ...bytes, '/dev/sdc': new Uint8Array(1 << 17) } })
  const found = probeBase(system, factsOf(devices), facts({}).check, undefined)
  assert.is(found.kind === 'found' && found.file, '/dev/sda2')
  const none = probeBase(system, factsOf(devices.slice(0, 3)), facts({}).check, undefined)
  assert.match(none.kind === 'none' ? none.why : '', /^its base is not here \(ext4/)
})

test.run()
