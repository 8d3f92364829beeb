import { readFileSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scratchPath } from './image/disk.ts'
import { VolatileDisk } from './machine/volatile-disk.ts'

// The disk that power cuts are made with: were it wrong, they would prove nothing.
const test = suite('volatile disk')

const BYTES = 5 * 4096 - 512

function newDisk() {
  const path = scratchPath('platter')
  writeFileSync(path, Buffer.alloc(BYTES, '.'))
  const platter = () => readFileSync(path, 'latin1')
  return { disk: new VolatileDisk(path), platter }
}

/** A text of the disk's length: `length` times the letter, from `offset`, and dots around it. */
function only(letter: string, offset: number, length: number): string {
  return '.'.repeat(offset) + letter.repeat(length) + '.'.repeat(BYTES - offset - length)
}

test('what is written can be read at once, and reaches the platter when it is flushed', () => {
  const { disk, platter } = newDisk()
  disk.write(3584, Buffer.alloc(9216, 'a'))
  assert.is(disk.read(0, BYTES).toString(), only('a', 3584, 9216))
  assert.is(disk.read(4096, 100).toString(), 'a'.repeat(100))
  assert.is(disk.pendingBlocks, 4)
  assert.is(platter(), only('a', 0, 0))
  disk.flush()
  assert.is(platter(), only('a', 3584, 9216))
  assert.is(disk.pendingBlocks, 0)
})

test('a write that is forced takes no other block along', () => {
  const { disk, platter } = newDisk()
  disk.write(0, Buffer.alloc(BYTES, 'a'))
  disk.flush(4096, 4096)
  assert.is(platter(), only('a', 4096, 4096))
  assert.is(disk.pendingBlocks, 4)
})

test('a power cut loses blocks that were not flushed, whole, and no others', () => {
  const { disk, platter } = newDisk()
  disk.write(0, Buffer.alloc(4096, 'a'))
  disk.flush()
  disk.write(2048, Buffer.alloc(4096, 'b'))
  let blocks = 0
  assert.is(
    disk.losePower(() => ++blocks === 1),
    1,
  )
  const [first, second] = ['a'.repeat(4096), 'b'.repeat(2048)]
  assert.is(platter(), first + second + '.'.repeat(BYTES - 6144))
  assert.is(disk.pendingBlocks, 0)
})

test('the last block of a disk may be a part of one', () => {
  const { disk, platter } = newDisk()
  disk.write(BYTES - 512, Buffer.alloc(512, 'z'))
  disk.flush()
  assert.is(platter(), only('z', BYTES - 512, 512))
})

test.run()
