import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { findMount } from '../../../src/formats/mount-table.ts'
import { SystemError } from '../../../src/machine/system.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { type Scenario, scenarios } from '../memory/scenarios.ts'
import { describe, file } from '../memory/state.ts'

// What nobody has thought of while a store or listed paths are set up: the machine comes up as the policy says, and the record tells.
const test = suite('boot with an error that is not expected')

const recipe = scenarios['a blank store'] as Scenario

function start(more = ''): MemoryMachine {
  return memoryMachine(recipe.state(), `${recipe.cmdline} ${more}`)
}

/** The same with a root that asks to stay read-only. */
function stateless(more = ''): MemoryMachine {
  const machine = start(more)
  const text = [...'READONLY=yes\n'].map((letter) => letter.charCodeAt(0))
  const root = machine.state.mounts.find(({ mountPoint }) => mountPoint === '/sysroot')
  root?.tree.files.set('/etc/sysconfig/readonly-root', file(text.length, text))
  return machine
}

const run = (machine: MemoryMachine) => boot.run(machine, commandArgs(boot, {}))
const rootOf = ({ state }: MemoryMachine) => findMount(state.mounts, '/sysroot')
const record = (machine: MemoryMachine) => JSON.parse(machine.readText('/run/holdfast/boot.json'))
const SCRATCH = '/run/initramfs/holdfast-scratch'

function withBadSector(machine: MemoryMachine): MemoryMachine {
  const { readBytes } = machine
  machine.readBytes = (path, offset, length) => {
    if (path === '/dev/sda2' && offset + length > 65536) throw new SystemError('EIO', 'read', path)
    return readBytes(path, offset, length)
  }
  return machine
}

const UNREADABLE = 'the base /dev/sda2 is damaged: it cannot be read at byte 65536 (EIO)'

test('a sector of the base that cannot be read ends in policy, with the place in the record', () => {
  const machine = withBadSector(start())
  assert.is(run(machine), 4)
  assert.equal([record(machine).mode, record(machine).why], ['temporary', UNREADABLE])
  assert.is(rootOf(machine)?.source, '/dev/mapper/live-rw')
  assert.match(machine.readText('/run/motd.d/holdfast'), 'cannot be read')
})

test('and the policy may be to switch off', () => {
  const machine = withBadSector(start('rd.holdfast.onfail=poweroff'))
  run(machine)
  assert.is(machine.readText('/proc/sysrq-trigger'), 'o')
})

/** The program whose command line begins like this does its work, and then holdfast stumbles. */
function stumbling(machine: MemoryMachine, line: RegExp, times: number): MemoryMachine {
  const { run } = machine
  let left = times
  machine.run = (argv, timeoutMs) => {
    const result = run(argv, timeoutMs)
    if (line.test(argv.join(' ')) && left-- > 0) throw new TypeError('x is not a function')
    return result
  }
  return machine
}

const BUG = /x is not a function/

test('a bug while the root is taken apart: the base goes back, the policy follows, and it is reported in the end', () => {
  for (const line of [/^umount \/sysroot/, /^losetup --find/, /^mount .*live-rw/, /^dmsetup/]) {
    const machine = stumbling(stateless(), line, 1)
    assert.throws(
      () => run(machine),
      (error: unknown) => error instanceof TypeError,
    )
    const { mode, why, stateless: paths } = record(machine)
    assert.equal([mode, paths.scratch], ['temporary', 'RAM'], `${line}`)
    assert.match(why, /^a bug in holdfast: TypeError: x is not a function$/)
    assert.is(rootOf(machine)?.source, '/dev/mapper/live-rw')
  }
})

test('a bug in the policy itself: the root stays as it was, read-only', () => {
  const machine = stumbling(start(), /^dmsetup create live-snapshot/, 9)
  const before = describe(machine.state)
  assert.throws(() => run(machine), BUG)
  assert.is(record(machine).mode, 'readonly')
  assert.equal(describe(machine.state), before)
})

/** Its scratch is mounted, and then holdfast stumbles. */
function stumblingLater(more = ''): MemoryMachine {
  const machine = stateless(more)
  const { list } = machine
  machine.list = (path) => {
    if (path === '/run/initramfs/state') throw new TypeError('x is not a function')
    return list(path)
  }
  return machine
}

test('a bug while listed paths are set up: nothing is left of them, and the record tells', () => {
  const machine = stumblingLater()
  assert.throws(() => run(machine), BUG)
  assert.not(findMount(machine.state.mounts, SCRATCH))
  const { mode, stateless: paths } = record(machine)
  assert.equal([mode, paths.scratch, paths.volatile], ['persistent', undefined, []])
  assert.match(paths.why, BUG)
  assert.match(machine.readText('/run/motd.d/holdfast-stateless'), BUG)
})

test('with state that is required the policy follows', () => {
  const machine = stumblingLater('rd.holdfast.state=required rd.holdfast.onfail=poweroff')
  assert.throws(() => run(machine), BUG)
  assert.is(machine.readText('/proc/sysrq-trigger'), 'o')
})

test.run()
