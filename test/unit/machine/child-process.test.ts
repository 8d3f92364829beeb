import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { childEnvironment } from '../../../src/machine/child-process.ts'

const test = suite('child process')

test('a program gets a PATH where the caller has none or an empty one', () => {
  const path = '/usr/sbin:/usr/bin:/sbin:/bin'
  assert.equal(childEnvironment({}), { PATH: path, LC_ALL: 'C' })
  assert.is(childEnvironment({ PATH: '' })['PATH'], path)
  assert.is(childEnvironment({ PATH: '/opt/bin' })['PATH'], '/opt/bin')
})

test('what would change Node or the dynamic linker is not passed on, the rest is', () => {
  const own = { NODE_OPTIONS: '--x', LD_PRELOAD: '/y', LD_LIBRARY_PATH: '/z', LC_ALL: 'de', A: 'b' }
  assert.equal(Object.keys(childEnvironment(own)).sort(), ['A', 'LC_ALL', 'PATH'])
  assert.is(childEnvironment(own)['LC_ALL'], 'C')
})

test.run()
