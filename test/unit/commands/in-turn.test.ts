import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CHANGING_KEPT, changeStore, inTurn } from '../../../src/commands/in-turn.ts'
import { RefusedError } from '../../../src/errors.ts'
import { type System, SystemError } from '../../../src/machine/system.ts'
import { executor, type Runner } from '../../../src/plan/runner.ts'
import { mapSystem } from '../map-system.ts'

const test = suite('in turn')

const FOLDER = '/run/holdfast/changing'
const stat = (number: number) =>
  `${number} (holdfast) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${number}00 0`

/** Process 7 of a machine on which there are the processes given, with the names given put up. */
function machine(processes: readonly number[], names: readonly string[]) {
  const up = new Set(names)
  const stats = processes.map((number) => [`/proc/${number}/stat`, stat(number)])
  const system = {
    ...mapSystem({ texts: { '/proc/self/stat': stat(7), ...Object.fromEntries(stats) } }),
    list: () => [...up].sort(),
    makeDirectory: () => undefined,
    writeText: (path: string) => void up.add(path.slice(FOLDER.length + 1)),
    removeFile: (path: string) => void up.delete(path.slice(FOLDER.length + 1)),
  }
  return { system, up }
}

test('the work is done with the name put up, which is taken down whatever becomes of the work', () => {
  const { system, up } = machine([7], ['9-900', 'other'])
  assert.equal(
    inTurn(system, CHANGING_KEPT, () => [...up]),
    ['7-700'],
  )
  assert.is(up.size, 0)
  assert.throws(() => {
    inTurn(system, CHANGING_KEPT, () => {
      throw new Error('the work fails')
    })
  }, /the work fails/)
  assert.is(up.size, 0)
})

test('another one is waited for, first in order or last, for 10 s and no longer', () => {
  for (const other of [5, 9]) {
    const { system, up } = machine([7, other], [`${other}-${other}00`])
    try {
      inTurn(system, CHANGING_KEPT, () => assert.unreachable('both are at work'))
      assert.unreachable()
    } catch (error) {
      assert.instance(error, RefusedError)
      assert.match((error as Error).message, `another holdfast (process ${other}) is changing`)
    }
    assert.ok(system.monotonicMs() >= 10_000 && system.monotonicMs() < 11_000)
    assert.equal([...up], [`${other}-${other}00`])
    // Nobody sits before a command that says nothing.
    assert.equal(system.printed, [
      `stderr: holdfast: another holdfast (process ${other}) is changing what is kept: waiting for it\n`,
    ])
  }
})

test('on a store one is at work at a time; who may not write to /run works on files of his own', () => {
  const { system } = machine([7, 9], ['9-900'])
  const change = (on: System, work: () => number) => changeStore(on, executor(on), work)
  assert.throws(() => change(system, () => 1), /process 9\) is at work on a store/)
  // To cure an overflow took more than 10 s on a slow machine.
  assert.ok(system.monotonicMs() >= 60_000)
  const withError = (code: string): System => ({
    ...machine([7], []).system,
    writeText: (path) => {
      throw new SystemError(code, 'write', path)
    },
  })
  assert.is(
    change(withError('EACCES'), () => 1),
    1,
  )
  assert.throws(() => change(withError('ENOSPC'), () => 1), /ENOSPC/)
})

test('what fails is taken back before the next one has its turn', () => {
  const { system, up } = machine([7], [])
  const runner = executor(system)
  const namesThen: string[][] = []
  const walkBack = () => {
    namesThen.push([...up])
    return []
  }
  const failing = { ...runner, dry: false, walkBack } as unknown as Runner
  assert.throws(() =>
    changeStore(system, failing, () => {
      throw new RefusedError('no', 'no')
    }),
  )
  assert.equal(namesThen, [['7-700']])
})

test.run()
