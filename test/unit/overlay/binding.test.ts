import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import { type BaseIdentity, readBaseIdentity } from '../../../src/overlay/base-identity.ts'
import { judgeStore } from '../../../src/overlay/judge-store.ts'
import { type Binding, planBinding } from '../../../src/overlay/plan-binding.ts'
import { findRoot, type RootFacts } from '../../../src/overlay/root-facts.ts'
import type { StoreFacts } from '../../../src/overlay/store-facts.ts'
import { parseStoreRecord, type RecordFacts } from '../../../src/overlay/store-record.ts'
import { factsOf, storeFile, usedStore } from '../facts-of.ts'
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
const root = (mode: string) =>
  findRoot(factsOf([], [`20 1 8:2 / /sysroot ${mode} - ext4 /dev/sda2 ${mode}`])) as RootFacts

function bind(store: StoreFacts, found: RecordFacts, mode = 'ro') {
  const binding: Binding = { base: BASE, found, nowSeconds: 9 }
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

test('a used store without a record is adopted, and said so', () => {
  const { remarks } = bind(usedStore(32, 3), { kind: 'none' })
  assert.equal(remarks, ['the store has no record of its base: from now on it belongs to this one'])
})

test('a record that cannot be read is no permission', () => {
  for (const text of ['', '{', 'null', '[]', '{"version":2}', '{"version":1,"base":{}}']) {
    assert.match(refusal(usedStore(32, 3), parseStoreRecord(text)), 'cannot be used', text)
  }
})

test('a base that is mounted for writing is not the same at the next boot', () => {
  assert.match(refusal(storeFile(), { kind: 'none' }, 'rw'), 'mounted for writing')
})

test('the identity changes with the superblock, with what follows it, and with nothing else', () => {
  const disk = new Uint8Array(1 << 20)
  const read = (offset: number, length: number) => disk.subarray(offset, offset + length)
  const before = readBaseIdentity(read, 2048)
  disk[300_000] = 1
  assert.equal(readBaseIdentity(read, 2048), before)
  for (const place of [1024 + 0x30, 4096, 65536 + 72]) {
    const known = readBaseIdentity(read, 2048).fingerprint
    disk[place] = 7
    assert.is.not(readBaseIdentity(read, 2048).fingerprint, known)
  }
})

test.run()
