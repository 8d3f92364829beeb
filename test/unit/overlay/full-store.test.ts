import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { RefusedError } from '../../../src/errors.ts'
import { judgeStore } from '../../../src/overlay/judge-store.ts'
import { isResetDue, planFormat, resetMark } from '../../../src/overlay/plan-format.ts'
import { chooseGrowth } from '../../../src/overlay/plan-full-store.ts'
import { planGrow } from '../../../src/overlay/plan-grow.ts'
import { planPersistent } from '../../../src/overlay/plan-persistent.ts'
import { findRoot, type RootFacts } from '../../../src/overlay/root-facts.ts'
import type { StoreFile } from '../../../src/overlay/store-facts.ts'
import type { RecordFacts } from '../../../src/overlay/store-record.ts'
import { dm, factsOf, storeFile, usedStore } from '../facts-of.ts'
import { scriptWithoutRecord, stepsOf } from '../script-of.ts'

const test = suite('full store')

const MIB = 1 << 20
const NAME = '/dev/sdb:/persist.img'
const BASE_SECTORS = 2097152
/** 16 MiB with 1,010 chunks of 16 KiB of changes in it: 192 KiB are free. */
const full: StoreFile = { ...usedStore(32, 1010), bytes: 16 * MIB, allocatedBytes: 16 * MIB }
const noRoom: StoreFile = { ...full, holderFreeBytes: 5 * MIB - 1 * MIB }

function growth(store: StoreFile) {
  const found = chooseGrowth(judgeStore(NAME, store, false), BASE_SECTORS)
  return found === undefined ? 'none' : stepsOf(planGrow(found)).split('\n')[0]
}

function plan(store: StoreFile, words = '') {
  const facts = factsOf(
    [dm(0, 'live-base', 'holdfast-live-base', [])],
    ['20 1 254:0 / /sysroot ro - ext4 /dev/mapper/live-base ro'],
  )
  const config = parseConfig(`root=live:LABEL=L rd.live.overlay=${NAME} ${words}`)
  const root = findRoot(facts) as RootFacts
  return planPersistent({ config, facts, root, name: NAME, store, binding: undefined })
}

test('a store that is nearly full grows until a boot has room, without a hole', () => {
  const path = full.path
  assert.is(
    growth(full),
    `fallocate --offset ${16 * MIB} --length ${64 * MIB - 192 * 1024} ${path}`,
  )
  assert.is(
    growth({ ...full, holderFreeBytes: 12 * MIB }),
    `fallocate --offset ${16 * MIB} --length ${8 * MIB} ${path}`,
  )
})

/** A store of that length on a device with plenty of room, with so much free. */
const roomy = (mib: number, freeMib: number): StoreFile => ({
  ...usedStore(32, ((mib - freeMib) * MIB) / 16384 - 2),
  bytes: mib * MIB,
  allocatedBytes: mib * MIB,
  holderFreeBytes: 1024 * MIB,
})

test('one that has less free than a boot may write grows as well, before anything can watch it', () => {
  assert.is(
    growth(roomy(300, 5)),
    `fallocate --offset ${300 * MIB} --length ${59 * MIB} ${full.path}`,
  )
  assert.match(growth(roomy(300, 63)) ?? '', `--length ${MIB} `)
  // On a device with little room it takes what there is, and no part of a MiB.
  assert.match(growth({ ...roomy(300, 5), holderFreeBytes: 6 * MIB }) ?? '', `--length ${2 * MIB} `)
  assert.is(growth({ ...roomy(300, 5), holderFreeBytes: 4.5 * MIB }), 'none')
  assert.is(growth(roomy(300, 64)), 'none')
  assert.is(growth(roomy(300, 63.5)), 'none')
})

test('one that is as long as a file can be on its file system does not grow, and says so when it is full', () => {
  const longest = { longestBytes: 300 * MIB + 16383 }
  assert.is(growth({ ...roomy(300, 5), ...longest }), 'none')
  const { outcome } = plan({ ...roomy(300, 3), ...longest })
  assert.match(outcome.why ?? '', /is full: 3 MiB of 300 MiB are free, and a file on FAT has less/)
  // Nor by the one chunk for the sake of its length.
  const bytes = 256 * MIB
  const disorderly = {
    ...usedStore(8, 3),
    bytes,
    allocatedBytes: bytes,
    longestBytes: bytes + 4095,
  }
  assert.is(growth(disorderly), 'none')
})

test('a small store stays as small as it was made as long as half of it is free', () => {
  for (const mib of [1, 8, 16, 100]) assert.is(growth(roomy(mib, mib / 2)), 'none', `${mib} MiB`)
  assert.match(growth(roomy(8, 3.5)) ?? '', `--length ${60.5 * MIB} `)
  assert.is(growth(storeFile({ bytes: 8 * MIB, allocatedBytes: 8 * MIB })), 'none')
})

test('without room a store is refused only when it is nearly full', () => {
  assert.is(plan({ ...roomy(300, 5), holderFreeBytes: 4 * MIB }).outcome.mode, 'persistent')
  assert.is(plan({ ...roomy(300, 3.9), holderFreeBytes: 4 * MIB }).outcome.mode, 'temporary')
})

test('a store with enough room is left as it is, and so is one whose device has none', () => {
  assert.is(growth(usedStore(32, 3)), 'none')
  assert.is(growth(storeFile()), 'none')
  assert.is(growth(noRoom), 'none')
  // 32 KiB more would leave it nearly full.
  assert.is(growth({ ...full, holderFreeBytes: 4 * MIB + 32768 }), 'none')
})

test('a store that the kernel would give up when it is full gets one chunk more, where there is room', () => {
  const bytes = 256 * MIB
  const store = { ...usedStore(8, 3), bytes, allocatedBytes: bytes }
  assert.is(growth(store), `fallocate --offset ${bytes} --length 4096 ${store.path}`)
  assert.is(growth({ ...store, holderFreeBytes: 3 * MIB }), 'none')
  assert.is(growth({ ...store, bytes: bytes + 4096, allocatedBytes: bytes + 4096 }), 'none')
})

test('a sparse store gets the blocks that it lacks where the device has them', () => {
  const sparse = { ...usedStore(32, 3), allocatedBytes: 250 * MIB }
  assert.is(growth(sparse), `fallocate --offset 0 --length ${300 * MIB} ${sparse.path}`)
  assert.is(growth({ ...sparse, holderFreeBytes: 53 * MIB }), 'none')
})

test('a full store on a device without room is only read, below a store in RAM', () => {
  const { plan: found, outcome } = plan(noRoom)
  assert.is(outcome.mode, 'temporary')
  assert.match(outcome.why ?? '', /is full: 192 KiB of 16 MiB are free, and its device has no room/)
  const script = scriptWithoutRecord(found)
  assert.match(script, `losetup --find --show --nooverlap --read-only ${noRoom.path}`)
  assert.match(script, 'live-ro --uuid holdfast-live-ro --readonly')
  assert.not.match(script, /\bdd\b|fallocate/)
})

test('rd.holdfast.onfail= counts for a full store too', () => {
  const readOnly = plan(noRoom, 'rd.holdfast.onfail=readonly')
  assert.is(readOnly.outcome.mode, 'readonly')
  assert.match(scriptWithoutRecord(readOnly.plan), 'mount -t ext4 -o rw,ro /dev/mapper/live-rw')
  for (const policy of ['shell', 'reboot', 'poweroff']) {
    assert.throws(
      () => plan(noRoom, `rd.holdfast.onfail=${policy}`),
      (error: unknown) => error instanceof RefusedError && /is full/.test(error.message),
    )
  }
})

test('a full store that is to be reset is emptied, and nothing grows', () => {
  const { plan: found, outcome } = plan(noRoom, 'rd.live.overlay.reset')
  assert.is(outcome.mode, 'persistent')
  assert.match(scriptWithoutRecord(found), 'dd if=/dev/zero')
})

const RESET = { asked: 'rd.live.overlay.reset', always: false }
const recordWith = (resetDone?: string): RecordFacts => ({
  kind: 'record',
  record: {
    version: 1,
    base: { type: 'ext4', label: undefined, uuid: undefined, sectors: 8, fingerprint: '0' },
    chunkSectors: 32,
    createdSeconds: 1,
    lastUsedSeconds: 1,
    ...(resetDone === undefined ? {} : { resetDone }),
  },
})

test('a reset that has been done for an argument is not done again for it', () => {
  assert.ok(isResetDue(RESET, recordWith()))
  assert.ok(isResetDue(RESET, { kind: 'none' }))
  assert.not(isResetDue(RESET, recordWith('rd.live.overlay.reset')))
  assert.ok(isResetDue(RESET, recordWith('rd.live.overlay.reset=1')))
  // By another name, or in quotes, it is the same request.
  for (const mark of ['reset_overlay', 'rd.overlay.reset', '"rd.live.overlay.reset"']) {
    assert.not(isResetDue(RESET, recordWith(mark)), mark)
  }
  const again = { ...RESET, asked: 'rd.live.overlay.reset=2' }
  assert.not(isResetDue(again, recordWith('rd.overlay.reset="2"')))
  assert.ok(isResetDue(again, recordWith('rd.overlay.reset=3')))
  assert.ok(isResetDue(again, recordWith('rd.overlay.reset')))
  assert.not(isResetDue(undefined, recordWith()))
  assert.ok(isResetDue({ ...RESET, always: true }, recordWith('rd.live.overlay.reset')))
})

test('the mark is that of the argument, and none without it', () => {
  assert.equal(resetMark(RESET), { resetDone: 'rd.live.overlay.reset' })
  assert.equal(resetMark({ ...RESET, always: true }), {})
  assert.equal(resetMark(undefined), {})
})

test('one that was done is said, and the store is kept', () => {
  const fit = judgeStore(NAME, usedStore(32, 3), false)
  const { steps, remarks } = planFormat(fit, RESET, recordWith('rd.live.overlay.reset'))
  assert.equal(steps, [])
  assert.match(remarks.join(), /was emptied at an earlier boot .* =always/)
})

test.run()
