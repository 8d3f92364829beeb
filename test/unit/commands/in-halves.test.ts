import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inHalves } from '../../../src/commands/in-halves.ts'

const test = suite('in halves')

/** Fails for every list that has one of the bad ones in it; and how often it was asked. */
function failing(items: readonly string[], isBad: (item: string) => boolean) {
  let tries = 0
  const failed = inHalves(items, (some) => {
    tries++
    return some.some(isBad) ? `${some.length} do not work` : undefined
  })
  return { failed, tries }
}

const all = Array.from({ length: 2000 }, (_, index) => String(index))

test('all at once where nothing fails, and nothing where nothing is to do', () => {
  assert.equal(
    failing(all, () => false),
    { failed: [], tries: 1 },
  )
  assert.equal(
    failing([], () => true),
    { failed: [], tries: 0 },
  )
})

test('the one that fails is found among two thousand in a handful of tries', () => {
  const { failed, tries } = failing(all, (item) => item === '1234')
  assert.equal(failed, [{ items: ['1234'], why: '1 do not work' }])
  assert.ok(tries < 25, String(tries))
})

test('where nothing works it ends soon, and everything has failed', () => {
  const { failed, tries } = failing(all, () => true)
  assert.is(failed.flatMap(({ items }) => items).length, 2000)
  assert.ok(tries < 80, String(tries))
})

test.run()
