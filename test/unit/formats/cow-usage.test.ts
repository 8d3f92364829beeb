import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { setU32 } from '../../../src/formats/bytes.ts'
import { readCowUsage } from '../../../src/formats/cow-usage.ts'
import { seededRandom } from './seeded-random.ts'

interface Store {
  chunkSectors: number
  bytes: number
  /** Metadata areas by their chunk; every other chunk reads as zeros. */
  areas: Map<number, Uint8Array>
  reads: { offset: number; length: number }[]
}

/** A store as the kernel fills one: entry i has the i-th chunk that is not metadata. */
function storeOf(chunkSectors: number, entries: number, spareChunks: number): Store {
  const perArea = chunkSectors * 32
  const areas = new Map<number, Uint8Array>()
  for (let area = 0; area * perArea <= entries; area++) {
    areas.set(1 + area * (perArea + 1), new Uint8Array(chunkSectors * 512))
  }
  const store = { chunkSectors, bytes: 0, areas, reads: [] }
  for (let i = 0; i < entries; i++) setEntry(store, i, (i * 7919) % 100_003, dataChunk(perArea, i))
  const lastChunk = Math.max(
    1 + Math.floor(entries / perArea) * (perArea + 1),
    entries > 0 ? dataChunk(perArea, entries - 1) : 0,
  )
  store.bytes = (lastChunk + 1 + spareChunks) * chunkSectors * 512
  return store
}

function dataChunk(perArea: number, entry: number): number {
  return 2 + entry + Math.floor(entry / perArea)
}

function setEntry(store: Store, entry: number, oldChunk: number, newChunk: number): void {
  const perArea = store.chunkSectors * 32
  const area = store.areas.get(1 + Math.floor(entry / perArea) * (perArea + 1))
  if (!area) throw new Error(`no area for entry ${entry}`)
  const at = (entry % perArea) * 16
  setU32(area, at, oldChunk)
  setU32(area, at + 8, newChunk)
}

function usageOf(store: Store, before?: (offset: number, length: number) => void) {
  const chunkBytes = store.chunkSectors * 512
  const read = (offset: number, length: number) => {
    before?.(offset, length)
    store.reads.push({ offset, length })
    const bytes = new Uint8Array(Math.max(0, Math.min(length, store.bytes - offset)))
    const end = offset + bytes.length
    for (let chunk = Math.floor(offset / chunkBytes); chunk * chunkBytes < end; chunk++) {
      const from = Math.max(offset, chunk * chunkBytes)
      const area = store.areas.get(chunk)?.subarray(from - chunk * chunkBytes)
      if (area) bytes.set(area.subarray(0, end - from), from - offset)
    }
    return bytes
  }
  return readCowUsage(read, store.chunkSectors, store.bytes)
}

function soundUsageOf(store: Store) {
  const usage = usageOf(store)
  if (usage.kind !== 'sound') throw new Error(usage.why)
  return usage
}

for (const chunkSectors of [1, 8, 32, 128]) {
  const perArea = chunkSectors * 32
  const counts = [0, 1, 2, perArea - 1, perArea, perArea + 1, 2 * perArea, 3 * perArea + 17]
  for (const entries of counts) {
    test(`${entries} entries in chunks of ${chunkSectors} sectors are counted as dmsetup does`, () => {
      const store = storeOf(chunkSectors, entries, 5)
      const areas = Math.floor(entries / perArea) + 1
      // Everything up to the highest chunk is in use: header, areas before it, data. Then comes the next
      // free one, which is never the place of an area.
      const highest = entries === 0 ? 1 : dataChunk(perArea, entries - 1)
      const nextFree = entries > 0 && entries % perArea === 0 ? highest + 2 : highest + 1
      const { leastBaseSectors: _, ...counted } = soundUsageOf(store)
      assert.equal(counted, {
        kind: 'sound',
        exceptions: entries,
        usedSectors: nextFree * chunkSectors,
        metadataSectors: (areas + 1) * chunkSectors,
        totalSectors: store.bytes / 512,
        stale: undefined,
      })
    })
  }
}

test('a wholly overwritten base of 16384 chunks shows 131600/131600, as the kernel does', () => {
  const usage = usageOf(storeOf(8, 16384, 0))
  assert.is(usage.kind === 'sound' && usage.usedSectors, 131600)
  assert.is(usage.kind === 'sound' && usage.totalSectors, 131600)
})

test('a store with 3063 entries shows 24608 and 104 of metadata, as the kernel does', () => {
  const usage = usageOf(storeOf(8, 3063, 5000))
  assert.is(usage.kind === 'sound' && usage.usedSectors, 24608)
  assert.is(usage.kind === 'sound' && usage.metadataSectors, 104)
})

test('an empty store uses what its metadata does, as 16/N 16 says', () => {
  const usage = usageOf(storeOf(8, 0, 100))
  assert.ok(usage.kind === 'sound' && usage.usedSectors === 16 && usage.metadataSectors === 16)
})

test('of a full area before the last two only one entry is read', () => {
  const store = storeOf(8, 20 * 256 + 3, 5)
  usageOf(store)
  const bytes = store.reads.reduce((sum, { length }) => sum + length, 0)
  assert.is(bytes, 21 * 16 + 2 * 4096)
})

test('an area of a large chunk is read in slices of 64 KiB, to its end', () => {
  const store = storeOf(512, 4096 + 1, 5)
  usageOf(store)
  assert.equal(
    store.reads.map(({ length }) => length),
    [16, ...Array(4).fill(65536)],
  )
})

test('what an older store left in later areas is not counted', () => {
  const store = storeOf(8, 3, 3000)
  const stale = new Uint8Array(4096).fill(1)
  for (const area of [1, 2, 3]) store.areas.set(1 + area * 257, stale)
  const usage = usageOf(store)
  assert.is(usage.kind === 'sound' && usage.exceptions, 3)
})

test('the highest chunk decides, wherever it stands in the last areas', () => {
  const store = storeOf(8, 10, 100)
  setEntry(store, 4, 1, 60)
  const usage = usageOf(store)
  assert.is(usage.kind === 'sound' && usage.usedSectors, 61 * 8)

  const full = storeOf(8, 258, 100)
  setEntry(full, 4, 1, 300)
  const fullUsage = usageOf(full)
  assert.is(fullUsage.kind === 'sound' && fullUsage.usedSectors, 301 * 8)
})

test('a store that is full to the last chunk is full, not more than full', () => {
  const store = storeOf(8, 10, 0)
  store.bytes = 258 * 4096
  setEntry(store, 9, 1, 257)
  const usage = usageOf(store)
  assert.is(usage.kind === 'sound' && usage.usedSectors, 258 * 8)
})

test('a length that is no multiple of a chunk counts in the total alone', () => {
  const store = storeOf(8, 1, 0)
  store.bytes += 4095
  const usage = usageOf(store)
  assert.is(usage.kind === 'sound' && usage.totalSectors, 3 * 8 + 7)
})

test('a file that ends before its metadata does is truncated', () => {
  for (const [bytes, entries] of [
    [0, 0],
    [4096, 0],
    [8191, 0],
    [257 * 4096, 256],
    [258 * 4096 + 4095, 256],
  ] as const) {
    const store = storeOf(8, entries, 0)
    store.bytes = bytes
    assert.is(usageOf(store).kind, 'truncated', `${bytes} bytes`)
  }
  const whole = storeOf(8, 0, 0)
  assert.is(whole.bytes, 8192)
  assert.is(usageOf(whole).kind, 'sound')
})

test('a file that ends before its data does is truncated, at every chunk and byte of it', () => {
  const whole = storeOf(8, 300, 0)
  assert.is(usageOf(whole).kind, 'sound')
  for (let cut = 1; cut <= whole.bytes / 4096; cut++) {
    for (const bytes of [whole.bytes - cut * 4096, whole.bytes - cut * 4096 + 4095]) {
      const store = storeOf(8, 300, 0)
      store.bytes = bytes
      assert.is(usageOf(store).kind, 'truncated', `${bytes} bytes`)
    }
  }
})

test('a file that shrinks while it is read is truncated', () => {
  const usage = readCowUsage(() => new Uint8Array(0), 8, 1 << 20)
  assert.equal(usage, {
    kind: 'truncated',
    why: 'the file ends in metadata area 0, at byte 8176',
  })
})

test('an entry whose data would be metadata is corrupt', () => {
  for (const chunk of [1, 258]) {
    const store = storeOf(8, 10, 1000)
    setEntry(store, 4, 1, chunk)
    assert.equal(usageOf(store), {
      kind: 'corrupt',
      why: `entry 4 says that its data is in chunk ${chunk}, which is metadata`,
    })
  }
})

test('a chunk number past what a device can have is corrupt', () => {
  for (const place of [4, 12]) {
    const store = storeOf(8, 10, 1000)
    store.areas.get(1)?.fill(0xff, 5 * 16 + place, 5 * 16 + place + 4)
    assert.equal(usageOf(store), {
      kind: 'corrupt',
      why: 'entry 5 has a chunk number that no device can have',
    })
  }
})

test('an end of the list inside a full area is corrupt', () => {
  const store = storeOf(8, 300, 10)
  setEntry(store, 100, 1, 0)
  assert.is(usageOf(store).kind, 'corrupt')
})

test('more entries than chunks are corrupt', () => {
  const store = storeOf(8, 10, 0)
  store.bytes = 12 * 4096
  assert.is(usageOf(store).kind, 'sound')
  for (let i = 0; i < 10; i++) setEntry(store, i, i, 2 + (i % 9))
  store.bytes = 11 * 4096
  assert.is(usageOf(store).kind, 'corrupt')
})

test('a list that cannot be in so short a file is not read to its end', () => {
  const store = storeOf(8192, 0, 2)
  assert.is(store.bytes, 4 * 8192 * 512)
  const rubbish = store.areas.get(1) ?? new Uint8Array()
  for (let at = 8; at < rubbish.length - 16; at += 16) rubbish[at] = 2
  assert.equal(usageOf(store), {
    kind: 'corrupt',
    why: 'it has more than 2 entries, and the file 4 chunks to hold them',
  })
  assert.equal(
    store.reads.map(({ length }) => length),
    [16, 65536],
  )
})

test('areas that lie near to each other are read a mebibyte at once', () => {
  const store = storeOf(1, 32 * 1000, 5)
  assert.is(soundUsageOf(store).exceptions, 32_000)
  assert.ok(store.bytes > 16 << 20)
  assert.ok(store.reads.length < 20, `${store.reads.length} reads`)
})

test('what cannot be read between areas that lie near to each other is no damage', () => {
  const whole = storeOf(1, 32 * 3 + 7, 5)
  const bad = 512 * 40
  const usage = usageOf(whole, (offset, length) => {
    if (offset <= bad && offset + length > bad) throw new Error('EIO')
  })
  assert.equal(usage, usageOf(whole))
})

test('the shortest base is one that has the last of the chunks that are changed, or a part of it', () => {
  const store = storeOf(8, 10, 100)
  assert.is(soundUsageOf(store).leastBaseSectors, ((9 * 7919) % 100_003) * 8 + 1)
  setEntry(store, 3, 200_000, 5)
  assert.is(soundUsageOf(store).leastBaseSectors, 200_000 * 8 + 1)
  assert.is(soundUsageOf(storeOf(8, 0, 10)).leastBaseSectors, 0)
})

test('entries behind the end of the list, in its area, are told by their place', () => {
  const store = storeOf(8, 40, 1000)
  setEntry(store, 30, 1, 0)
  const { exceptions, stale } = soundUsageOf(store)
  assert.equal([stale?.offsetBytes, stale?.bytes, exceptions], [4096 + 31 * 16, 9 * 16, 30])
})

/** Whether a power cut can have left a list of 200 entries in which these are empty. */
const mayBeTorn = (...empty: (readonly [first: number, last: number])[]) => {
  const store = storeOf(8, 200, 1000)
  for (const [first, last] of empty) {
    for (let entry = first; entry <= last; entry++) setEntry(store, entry, 1, 0)
  }
  return soundUsageOf(store).stale?.mayBeTorn
}

test('a write is torn between sectors of 32 entries: whole ones are missing, or the end of one', () => {
  assert.is(mayBeTorn([32, 63]), true)
  assert.is(mayBeTorn([10, 31]), true)
  assert.is(mayBeTorn([10, 63], [96, 127], [150, 159]), true)
  assert.is(mayBeTorn([0, 191]), true)
})

test('an entry behind an empty one in its sector is damage, wherever behind the end of the list', () => {
  assert.is(mayBeTorn([10, 10]), false)
  assert.is(mayBeTorn([10, 30]), false)
  assert.is(mayBeTorn([10, 62]), false)
  assert.is(mayBeTorn([10, 31], [40, 40]), false)
  assert.is(mayBeTorn([32, 63], [96, 126]), false)
  assert.is(mayBeTorn([32, 32]), false)
})

test('whatever power cuts do to the writes of a kernel, one after the other, is no damage', () => {
  const random = seededRandom(23)
  let torn = 0
  for (let round = 0; round < 300; round++) {
    const whole = storeOf(8, 256, 1000).areas.get(1) ?? new Uint8Array()
    const store = storeOf(8, 0, 1000)
    const area = store.areas.get(1) ?? new Uint8Array()
    let entries = random(60)
    area.set(whole.subarray(0, entries * 16))
    for (let cuts = 0; cuts < 4; cuts++) {
      // The list goes on behind its end; what stands behind is written again with each area.
      const written = area.slice()
      written.set(whole.subarray(entries * 16, (entries + random(90)) * 16), entries * 16)
      for (let at = 0; at < 4096; at += 512) {
        if (random(2) === 0) area.set(written.subarray(at, at + 512), at)
      }
      const { exceptions, stale } = soundUsageOf(store)
      assert.is(stale?.mayBeTorn ?? true, true, `round ${round}`)
      if (stale !== undefined) torn++
      entries = exceptions
    }
  }
  assert.ok(torn > 100, `${torn} were torn`)
})

test('in an area of several slices damage is seen in each', () => {
  const torn = storeOf(512, 8000, 10)
  for (let entry = 4064; entry < 4128; entry++) setEntry(torn, entry, 1, 0)
  assert.is(soundUsageOf(torn).stale?.mayBeTorn, true)
  for (const entry of [4090, 4100, 7000]) {
    const damaged = storeOf(512, 8000, 10)
    for (let sector = 4064; sector < 4096; sector++) setEntry(damaged, sector, 1, 0)
    setEntry(damaged, entry, 1, entry === 4090 ? 5000 : 0)
    assert.is(soundUsageOf(damaged).stale?.mayBeTorn, false, `entry ${entry}`)
  }
})

test('an entry is named by its number in the whole store', () => {
  const store = storeOf(8, 600, 1000)
  setEntry(store, 520, 1, 5000)
  const usage = usageOf(store)
  assert.equal(usage, {
    kind: 'truncated',
    why: `entry 520 has its data in chunk 5000, the file has ${store.bytes / 4096}`,
  })
})

test('no table of rubbish throws, or passes for sound with numbers outside the file', () => {
  const random = seededRandom(11)
  const kinds = new Set<string>()
  for (let round = 0; round < 2000; round++) {
    const chunkSectors = [1, 8, 32][round % 3] ?? 8
    const store = storeOf(chunkSectors, random(90), random(40))
    for (let i = 0; i < 1 + random(4); i++) mutate(store, random)
    const usage = usageOf(store)
    kinds.add(usage.kind)
    if (usage.kind !== 'sound') {
      assert.ok(usage.why.length > 0)
      continue
    }
    assert.is(usage.totalSectors, Math.floor(store.bytes / 512))
    assert.ok(usage.usedSectors <= usage.totalSectors && usage.usedSectors >= 2 * chunkSectors)
    assert.ok(usage.metadataSectors <= usage.totalSectors)
    assert.ok(usage.exceptions >= 0 && usage.exceptions * chunkSectors < usage.totalSectors)
  }
  assert.equal([...kinds].sort(), ['corrupt', 'sound', 'truncated'])
})

/** Changes one byte, mostly among the low ones of an early entry, or cuts or lengthens the file. */
function mutate(store: Store, random: (limit: number) => number): void {
  if (random(5) === 0) {
    store.bytes = Math.max(0, store.bytes + random(20_000) - 10_000)
    return
  }
  const area = [...store.areas.values()][random(store.areas.size)]
  const at = random(Math.min(area?.length ?? 1, 90 * 16))
  if (area) area[random(3) === 0 ? at : at - (at % 8)] = random(256)
}

test.run()
