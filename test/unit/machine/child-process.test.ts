import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nodeSystem } from '../../../src/machine/node.ts'

const test = suite('child process')

test("a program has an environment of ours alone, whatever holdfast's own is", () => {
  process.env['HOLDFAST_TEST'] = 'x'
  process.env['LD_LIBRARY_PATH'] = '/nosuch'
  try {
    const { stdout } = nodeSystem([]).run(['env'])
    assert.equal(stdout.trim().split('\n').sort(), [
      'LC_ALL=C',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    ])
  } finally {
    delete process.env['HOLDFAST_TEST']
    delete process.env['LD_LIBRARY_PATH']
  }
})

test('a limit of nothing is a limit, not none', () => {
  const { status, timedOut } = nodeSystem([]).run(['sleep', '20'], 0)
  assert.equal([status, timedOut], [128 + 9, true])
})

test.run()
