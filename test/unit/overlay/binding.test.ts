import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import { formatError } from '../../../src/format-error.ts'
import type { FileStat } from '../../../src/machine/system.ts'
import type { BaseIdentity, SeenBase } from '../../../src/overlay/base-identity.ts'
import { judgeStore } from '../../../src/overlay/judge-store.ts'
import { type Binding, planBinding } from '../../../src/overlay/plan-binding.ts'
import { probeRecord } from '../../../src/overlay/probe-binding.ts'
import { findRoot, type RootFacts } from '../../../src/overlay/root-facts.ts'
import type { StoreFacts } from '../../../src/overlay/store-facts.ts'
import { parseStoreRecord, type RecordFacts } from '../../../src/overlay/store-record.ts'
import { factsOf, storeFile, usedStore } from '../facts-of.ts'
import { type Maps, mapSystem } from '../map-system.ts'
import { stepsOf } from '../script-of.ts'

const test = suite('binding')

const NAME = '/dev/sdb:/persist.img'
const BASE: BaseIdentity = {
  type: 'ext4',
  label: 'ROOT',
  uuid: '5c0f1e5a-0000-4000-8000-726f6f740001',
  sectors: 1048576,
  fingerprint: '01234567-89abcdef',
}
const record = (base: Partial<BaseIdentity> = {}): RecordFacts => ({
  kind: 'record',
  record: {
    version: 1,
    base: { ...BASE, ...base },
    chunkSectors: 32,
    createdSeconds: 1,
    lastUsedSeconds: 2,
  },
})
const whole = {
  version: 1,
  base: BASE,
  chunkSectors: 32,
  createdSeconds: 1,
  lastUsedSeconds: 2,
}
const NONE: RecordFacts = { kind: 'none' }
const recordWith = (stat: Partial<FileStat>): Maps => ({
  texts: { '/p/s.holdfast': '{}' },
  stats: { '/p/s.holdfast': stat },
})
const root = (mode: string) =>
  findRoot(factsOf([], [`20 1 8:2 / /sysroot ${mode} - ext4 /dev/sda2 ${mode}`])) as RootFacts

const SEEN: SeenBase = {
  ...BASE,
  formerFingerprint: '76543210-fedcba98',
  showsChanges: true,
  formerShowsChanges: true,
}

function bind(store: StoreFacts, found: RecordFacts, mode = 'ro', more: Partial<SeenBase> = {}) {
  const binding: Binding = { base: { ...SEEN, ...more }, found, nowSeconds: 9 }
  return planBinding(NAME, root(mode), judgeStore(NAME, store, false), binding)
}

function refusal(store: StoreFacts, found: RecordFacts, mode = 'ro'): string {
  try {
    bind(store, found, mode)
  } catch (error) {
    if (error instanceof RefusedError) return error.message
    throw error
  }
  return 'not refused'
}

test('a new store gets a record of its base, beside it and in one piece', () => {
  const { steps, remarks } = bind(storeFile(), { kind: 'none' })
  const script = stepsOf(steps)
  assert.match(script, '"fingerprint": "01234567-89abcdef"')
  assert.match(script, '"createdSeconds": 9')
  assert.match(script, /mv -f \S+persist\.img\.holdfast\.partial \S+persist\.img\.holdfast/)
  assert.equal(remarks, [])
})

test('the record keeps when the store was made, and when it was used last', () => {
  const script = stepsOf(bind(usedStore(32, 3), record()).steps)
  assert.match(script, '"createdSeconds": 1,\n  "lastUsedSeconds": 9')
})

test('a device without room is no reason not to use the store, where the record says the same already', () => {
  const full = { ...usedStore(32, 3), holderFreeBytes: 0 }
  // As it was read: the order of its keys is the file's.
  const read = parseStoreRecord(JSON.stringify({ ...whole, base: BASE }))
  for (const found of [record(), read]) {
    const { steps, remarks } = bind(full, found)
    assert.equal(steps, [])
    assert.match(remarks.join(), 'no room left')
  }
  for (const found of [record({ label: 'RootBackup' }), NONE]) {
    assert.match(stepsOf(bind(full, found).steps), 'persist.img.holdfast.partial')
  }
})

test('another base is refused, and both are named', () => {
  const others = { uuid: '00000000-1111-4222-8333-444444444444', sectors: 1, fingerprint: 'x-y' }
  for (const [key, value] of Object.entries(others)) {
    const message = refusal(usedStore(32, 3), record({ [key]: value }))
    assert.match(message, '\'/dev/sdb:/persist.img\' was made for another base (ext4 "ROOT"')
    assert.match(message, 'this one is ext4 "ROOT", 5c0f1e5a')
  }
})

test('a label may change: an upgrade by relabelling is told by the rest', () => {
  assert.is(refusal(usedStore(32, 3), record({ label: 'RootBackup' })), 'not refused')
})

test('an empty store belongs to nobody', () => {
  const other = record({ fingerprint: 'x-y' })
  assert.is(refusal(storeFile(), other), 'not refused')
  assert.is(refusal(usedStore(32, 0), other), 'not refused')
})

test('a used store without a record is adopted, with a warning; an empty one belongs to nobody', () => {
  const { remarks, warnings } = bind(usedStore(32, 3), NONE)
  assert.equal([remarks.length, warnings.length], [0, 1])
  assert.match(warnings[0] ?? '', 'has no record of its base: from now on it belongs to this one')
  assert.equal(bind(usedStore(32, 3), record()).warnings, [])
  assert.equal(bind(usedStore(32, 0), NONE).warnings, [])
})

test('a record of before is one of this base, with a warning where that could not be told from it, and is renewed', () => {
  const former = record({ fingerprint: SEEN.formerFingerprint })
  assert.equal(bind(usedStore(32, 3), former).warnings, [])
  const { steps, warnings } = bind(usedStore(32, 3), former, 'ro', { formerShowsChanges: false })
  assert.match(warnings.join(), 'could not tell whether this base was written to')
  assert.match(stepsOf(steps), `"fingerprint": "${BASE.fingerprint}"\n  },`)
  const renewed = bind(usedStore(32, 3), record(), 'ro', { formerShowsChanges: false })
  assert.equal(renewed.warnings, [])
})

test('of a base that does not show whether it was written to each boot warns, over an empty store too', () => {
  const blind = { showsChanges: false, formerShowsChanges: false }
  for (const [store, found, count] of [
    [usedStore(32, 3), record(), 1],
    [storeFile(), NONE, 1],
    [usedStore(32, 3), NONE, 2],
  ] as const) {
    const { warnings } = bind(store, found, 'ro', blind)
    assert.is(warnings.length, count)
    assert.match(
      warnings[0] ?? '',
      /^the root is ext4: whether it was written to .* cannot be told/,
    )
  }
})

test('a record that cannot be read is no permission', () => {
  for (const text of ['', '{', 'null', '[]', '{"version":2}', '{"version":1,"base":{}}']) {
    assert.match(refusal(usedStore(32, 3), parseStoreRecord(text)), 'cannot be used', text)
  }
})

const unfit: readonly (readonly [title: string, value: unknown])[] = [
  ['no version', { ...whole, version: undefined }],
  ['a text for its version', { ...whole, version: '1' }],
  ['a later version', { ...whole, version: 2 }],
  ['no base', { ...whole, base: undefined }],
  ['a list for its base', { ...whole, base: [] }],
  ['a number for a label', { ...whole, base: { ...BASE, label: 5 } }],
  ['a list for a uuid', { ...whole, base: { ...BASE, uuid: ['x'] } }],
  ['null for a type', { ...whole, base: { ...BASE, type: null } }],
  ['no fingerprint', { ...whole, base: { ...BASE, fingerprint: undefined } }],
  ['a label without end', { ...whole, base: { ...BASE, label: 'x'.repeat(60_000) } }],
  ['a base of a length that no number has', { ...whole, base: { ...BASE, sectors: 1e300 } }],
  ['a base of less than no length', { ...whole, base: { ...BASE, sectors: -1 } }],
  ['half a sector', { ...whole, base: { ...BASE, sectors: 0.5 } }],
  ['a text for its chunk size', { ...whole, chunkSectors: '32' }],
  ['a time that no clock shows', { ...whole, lastUsedSeconds: 1e21 }],
  ['no times', { ...whole, createdSeconds: null }],
]
for (const [title, value] of unfit) {
  test(`a record with ${title} is none`, () => {
    assert.is(parseStoreRecord(JSON.stringify(value)).kind, 'unfit')
  })
}

test('a record nested 100,000 deep is none, and what else is in one is not kept', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  assert.is(parseStoreRecord(deep).kind, 'unfit')
  const stuffed = JSON.stringify(whole).replace('{', `{"more":${deep},"__proto__":{"x":1},`)
  assert.equal(parseStoreRecord(stuffed), { kind: 'record', record: whole })
  assert.ok(stepsOf(bind(usedStore(32, 3), parseStoreRecord(stuffed)).steps).length < 1000)
})

test('what acts on a terminal in a record is spelled out in the refusal', () => {
  const label = '\u001b[2J\nholdfast: persistent'
  try {
    bind(usedStore(32, 3), record({ label, fingerprint: 'x-\u0007' }))
  } catch (error) {
    assert.match(formatError(error), String.raw`(ext4 "\x1b[2J\x0aholdfast: persistent", `)
    assert.match(formatError(error), String.raw`id x-\x07)`)
    // Whoever shows the message otherwise, the boot in one line with more: it is one line.
    assert.not.match((error as Error).message, /\p{Cc}/u)
    return
  }
  assert.unreachable()
})

for (const [title, maps, why] of [
  ['a link', { kinds: { '/p/s.holdfast': 'symlink' } }, 'it is a symlink'],
  ['a fifo', { kinds: { '/p/s.holdfast': 'fifo' } }, 'it is a fifo'],
  ['a device', { blocks: { '/p/s.holdfast': '8:0' } }, 'it is a block'],
  ['a folder', { kinds: { '/p/s.holdfast': 'directory' } }, 'it is a directory'],
  ['a hard link', recordWith({ links: 2 }), 'it has 2 names (hard links)'],
  ['of 10 MB', recordWith({ bytes: 10 << 20 }), 'it is too long for one'],
  ['bound there from elsewhere', recordWith({ device: '0:9' }), 'it lies on another file system'],
] as const satisfies readonly (readonly [string, Maps, string])[]) {
  test(`a record that is ${title} is not opened`, () => {
    const system = mapSystem(maps)
    const closed = { ...system, readText: () => assert.unreachable('it was opened') as never }
    assert.equal(probeRecord(closed, '/p/s.holdfast'), { kind: 'unfit', why })
  })
}

test('a store without a record that holds a change beyond the end of the base is refused', () => {
  const beyond = (least: number) => {
    const store = usedStore(32, 3)
    const usage = store.usage?.kind === 'sound' ? store.usage : undefined
    return refusal({ ...store, usage: usage && { ...usage, leastBaseSectors: least } }, NONE)
  }
  assert.is(beyond(BASE.sectors), 'not refused')
  assert.match(
    beyond(BASE.sectors + 1),
    'holds a change of sector 1048576, and the base has 1048576',
  )
})

test('what a torn write left behind the end of the list is cleared first, and said', () => {
  const store = usedStore(32, 3)
  const usage = store.usage?.kind === 'sound' ? store.usage : undefined
  const stale = { offsetBytes: 20480, bytes: 64, mayBeTorn: true }
  const { steps, remarks } = bind({ ...store, usage: usage && { ...usage, stale } }, record())
  assert.match(
    stepsOf(steps),
    /^dd if=\/dev\/zero of=\S+persist\.img bs=16 seek=1280 count=4 conv=notrunc,fsync\n/,
  )
  assert.equal(remarks, ['a write that a power cut tore is cleared in the store'])
})

test('a base that is mounted for writing is not the same at the next boot', () => {
  assert.match(refusal(storeFile(), { kind: 'none' }, 'rw'), 'mounted for writing')
})

test.run()
