import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { setU32 } from '../../../src/formats/bytes.ts'
import { cursorUsedBytes, newCowCursor, readOn } from '../../../src/formats/cow-cursor.ts'
import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { readCowUsage } from '../../../src/formats/cow-usage.ts'

const test = suite('cow cursor')

const CHUNK_SECTORS = 8
const CHUNK_BYTES = CHUNK_SECTORS * 512
const PER_AREA = 256
const CHUNKS = 1200

/** A store into which entries are written as the kernel does it: in order, their data in the next free chunk. */
function store() {
  const bytes = new Uint8Array(CHUNKS * CHUNK_BYTES)
  bytes.set(formatCowHeader(CHUNK_SECTORS))
  let written = 0
  let free = 2
  return {
    read: (offset: number, length: number) => bytes.slice(offset, offset + length),
    write(count: number) {
      for (let i = 0; i < count; i++, written++) {
        const area = Math.floor(written / PER_AREA)
        const at = (1 + area * (PER_AREA + 1)) * CHUNK_BYTES + (written % PER_AREA) * 16
        setU32(bytes, at, written)
        setU32(bytes, at + 8, free)
        free += (free + 1) % (PER_AREA + 1) === 1 ? 2 : 1
      }
    },
  }
}

test('what is read bit by bit is what the whole reading says, within an area and across its end', () => {
  const { read, write } = store()
  let cursor = readOn(read, newCowCursor(CHUNK_SECTORS))
  assert.is(cursor.entries, 0)
  for (const count of [1, 0, 254, 1, 1, 255, 300, 100]) {
    write(count)
    cursor = readOn(read, cursor)
    const usage = readCowUsage(read, CHUNK_SECTORS, CHUNKS * CHUNK_BYTES)
    assert.is(usage.kind === 'sound' && usage.exceptions, cursor.entries)
    assert.is(usage.kind === 'sound' && usage.usedSectors * 512, cursorUsedBytes(cursor))
  }
})

test('a look that finds nothing new reads one page', () => {
  const { read, write } = store()
  write(700)
  const cursor = readOn(read, newCowCursor(CHUNK_SECTORS))
  const reads: number[] = []
  const counted = (offset: number, length: number) => {
    reads.push(length)
    return read(offset, length)
  }
  assert.equal(readOn(counted, cursor), cursor)
  assert.is(reads.length, 1)
  assert.ok((reads[0] ?? 0) <= 4096)
})

test('where the file ends, the list ends', () => {
  const { read } = store()
  const cut = (offset: number, length: number) => read(offset, length).slice(0, 0)
  assert.is(readOn(cut, newCowCursor(CHUNK_SECTORS)).entries, 0)
})

test.run()
