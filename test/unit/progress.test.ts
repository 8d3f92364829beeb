import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openProgress } from '../../src/progress.ts'
import { mapSystem } from './map-system.ts'

const test = suite('progress')

const MIB = 2 ** 20

function show(terminal: boolean): string[] {
  const system = { ...mapSystem({}), isTerminal: () => terminal }
  const progress = openProgress(system, 'writing zeros', 8 * MIB)
  for (let i = 0; i < 8; i++) {
    system.sleep(4000)
    progress.add(MIB)
  }
  progress.end()
  return [...system.printed]
}

test('on a terminal a line is written over, and gone at the end', () => {
  const shown = show(true)
  assert.is(shown.length, 9)
  assert.is(shown[0], 'stderr: \rwriting zeros: 1 MiB of 8 MiB, 28 s left\x1b[K')
  assert.is(shown[7], 'stderr: \rwriting zeros: 8 MiB of 8 MiB, 0 s left\x1b[K')
  assert.is(shown[8], 'stderr: \r\x1b[K')
})

test('elsewhere it is a line every ten seconds', () => {
  assert.equal(show(false), [
    'stderr: writing zeros: 3 MiB of 8 MiB, 20 s left\n',
    'stderr: writing zeros: 6 MiB of 8 MiB, 8 s left\n',
  ])
})

test.run()
