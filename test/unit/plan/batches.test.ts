import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inBatches } from '../../../src/plan/batches.ts'

const test = suite('batches')

test('nothing is no batch', () => {
  assert.equal(inBatches([]), [])
})

test('paths keep their order, and no batch is longer than a command line may be', () => {
  const paths = Array.from({ length: 3000 }, (_, index) => `/${'x'.repeat(100)}/${index}`)
  const batches = inBatches(paths)
  assert.equal(batches.flat(), paths)
  assert.is(batches.length, 3)
  for (const batch of batches) assert.ok(batch.join(' ').length <= 150_000)
})

test('a path that is longer than that has one of its own', () => {
  const long = 'x'.repeat(200_000)
  assert.equal(inBatches(['a', long, 'b']), [['a'], [long], ['b']])
})

test.run()
