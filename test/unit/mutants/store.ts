import { seededRandom } from '../formats/seeded-random.ts'

/** A store that has been spoilt: its first bytes, and how long its file is; what follows reads as zeros. */
export interface MutatedStore {
  readonly start: Uint8Array
  readonly bytes: number
  /** What was done to it, for the report of a test that fails. */
  readonly how: string
}

/** The base that the stores were made over, before they were spoilt: the root image of the tests. */
export const BASE_SECTORS = 2 ** 20

interface Draft {
  readonly start: DataView
  readonly chunkSectors: number
  readonly entries: number
  bytes: number
}

type Random = (limit: number) => number

/** The store with that number: the same at every call. One in eight is as the kernel would have left it. */
export function mutatedStore(number: number): MutatedStore {
  const random = seededRandom(7_000_000 + number)
  const draft = soundStore(random)
  const done: string[] = []
  for (let left = number % 8 === 0 ? 0 : 1 + random(3); left > 0; left--) {
    const [name, mutate] = MUTATIONS[random(MUTATIONS.length)] ?? MUTATIONS[0]
    mutate(draft, random)
    done.push(name)
  }
  const { start, bytes } = draft
  return {
    start: new Uint8Array(start.buffer, 0, Math.min(start.byteLength, bytes)),
    bytes,
    how: `store ${number}: ${draft.entries} entries in chunks of ${draft.chunkSectors} sectors; ${done.join(', ')}`,
  }
}

/** Two metadata areas at most: of more, boot does not read the first ones whole. */
function soundStore(random: Random): Draft {
  const chunkSectors = [1, 8, 8, 32][random(4)] ?? 8
  const perArea = chunkSectors * 32
  const entries = [0, 3, perArea - 1, perArea, random(perArea), random(2 * perArea - 1)][random(6)]
  const wanted = Math.min(entries ?? 0, 600)
  const lastChunk = Math.max(
    placeOf(perArea, wanted),
    1 + (perArea + 1) * Math.floor(wanted / perArea),
  )
  const bytes = (lastChunk + 1 + random(40)) * chunkSectors * 512
  const draft: Draft = {
    start: new DataView(new ArrayBuffer(bytes)),
    chunkSectors,
    entries: wanted,
    bytes,
  }
  const header = [0x70416e53, 1, 1, chunkSectors]
  for (const [index, word] of header.entries()) draft.start.setUint32(index * 4, word, true)
  const baseChunks = BASE_SECTORS / chunkSectors
  const step = 2 * random(5000) + 1
  for (let entry = 0; entry < wanted; entry++) {
    setEntry(draft, entry, (entry * step) % baseChunks, placeOf(perArea, entry))
  }
  return draft
}

/** Where the kernel puts the data of an entry when it has left no chunk out. */
function placeOf(perArea: number, entry: number): number {
  return 2 + entry + Math.floor(entry / perArea)
}

/** Where an entry stands, which need not have been used. */
function offsetOf({ chunkSectors }: Draft, entry: number): number {
  const perArea = chunkSectors * 32
  const area = Math.floor(entry / perArea)
  return (1 + area * (perArea + 1)) * chunkSectors * 512 + (entry % perArea) * 16
}

function setEntry(draft: Draft, entry: number, oldChunk: number, newChunk: number): void {
  setWord(draft, offsetOf(draft, entry), oldChunk)
  setWord(draft, offsetOf(draft, entry) + 8, newChunk)
}

/** A number up to 2^53, where there is a place for it. */
function setWord({ start }: Draft, at: number, value: number): void {
  if (at + 8 > start.byteLength) return
  start.setUint32(at, value % 2 ** 32, true)
  start.setUint32(at + 4, Math.floor(value / 2 ** 32), true)
}

function wordAt({ start }: Draft, at: number): bigint {
  return at + 8 > start.byteLength ? 0n : start.getBigUint64(at, true)
}

function copyEntry(draft: Draft, from: number, to: number, fields: readonly number[]): void {
  for (const field of fields) {
    const at = offsetOf(draft, to) + field
    const word = wordAt(draft, offsetOf(draft, from) + field)
    if (at + 8 <= draft.start.byteLength) draft.start.setBigUint64(at, word, true)
  }
}

function anyEntry(draft: Draft, random: Random): number {
  return random(Math.max(1, draft.entries))
}

type Mutation = readonly [name: string, mutate: (draft: Draft, random: Random) => void]

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  [
    'a bit of the header flipped',
    ({ start }, random) => {
      const at = random(16)
      start.setUint8(at, start.getUint8(at) ^ (1 << random(8)))
    },
  ],
  [
    'a word of the header at random',
    ({ start }, random) => {
      const word = [0, 2, 8, 32, 2 ** 31, random(2 ** 32)][random(6)] ?? 0
      start.setUint32(random(4) * 4, word, true)
    },
  ],
  [
    'a bit of the table flipped',
    (draft, random) => {
      const at = offsetOf(draft, anyEntry(draft, random)) + random(16)
      if (at >= draft.start.byteLength) return
      draft.start.setUint8(at, draft.start.getUint8(at) ^ (1 << random(8)))
    },
  ],
  [
    'a word of the table at random',
    (draft, random) => {
      const at = offsetOf(draft, anyEntry(draft, random)) + 8 * random(2)
      const values = [
        random(8),
        random(300),
        BASE_SECTORS,
        2 ** 52 + random(2 ** 31),
        random(2 ** 32),
      ]
      setWord(draft, at, values[random(values.length)] ?? 0)
    },
  ],
  [
    'two entries for one chunk of the base',
    (draft, random) => copyEntry(draft, anyEntry(draft, random), anyEntry(draft, random), [0]),
  ],
  [
    'two entries with one chunk of the store',
    (draft, random) => copyEntry(draft, anyEntry(draft, random), anyEntry(draft, random), [8]),
  ],
  ['an entry taken out', (draft, random) => setEntry(draft, anyEntry(draft, random), 0, 0)],
  [
    'an entry behind the end of the list',
    (draft, random) =>
      setEntry(draft, draft.entries + 1 + random(8), random(1000), 2 + random(200)),
  ],
  [
    'the two areas swapped',
    (draft) => {
      const [one, other] = [0, draft.chunkSectors * 32].map((entry) => offsetOf(draft, entry))
      const bytes = new Uint8Array(draft.start.buffer)
      const chunkBytes = draft.chunkSectors * 512
      if (one === undefined || other === undefined || other + chunkBytes > bytes.length) return
      const kept = bytes.slice(one, one + chunkBytes)
      bytes.copyWithin(one, other, other + chunkBytes)
      bytes.set(kept, other)
    },
  ],
  [
    'the beginning zeroed',
    ({ start }, random) => {
      const length = [4, 16, 512, 4096, 65536][random(5)] ?? 4
      new Uint8Array(start.buffer, 0, Math.min(length, start.byteLength)).fill(0)
    },
  ],
  [
    'cut off',
    (draft, random) => {
      draft.bytes = random(draft.bytes + 1)
    },
  ],
  [
    'cut off at a chunk',
    (draft, random) => {
      const chunkBytes = draft.chunkSectors * 512
      draft.bytes = random(Math.floor(draft.bytes / chunkBytes) + 1) * chunkBytes
    },
  ],
  [
    'of a length that no disk has',
    (draft, random) => {
      draft.bytes = 2 ** (40 + random(3))
    },
  ],
]
