import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { SystemError } from '../../../src/machine/system.ts'
import { monitorUnit } from '../../../src/overlay/plan-monitor.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { entryAt, file } from '../memory/state.ts'

const test = suite('the monitor that a boot leaves')

const UNIT = '/run/systemd/system/holdfast-monitor.service'
const LINK = '/run/systemd/system/sysinit.target.wants/holdfast-monitor.service'
const COPY = '/run/holdfast/bin/holdfast'

interface Given {
  readonly scenario?: string
  readonly executableBytes?: number
  readonly systemd?: boolean
}

/** A machine before its boot, with the program in its initramfs, and perhaps systemd in its root. */
function machineWith({
  scenario = 'a blank store',
  executableBytes = 700_000,
  systemd = true,
}: Given): MemoryMachine {
  const { cmdline, state } = scenarios[scenario] as (typeof scenarios)[string]
  const machine = memoryMachine(state(), cmdline)
  machine.state.mounts[0]?.tree.files.set('/usr/sbin/holdfast', file(executableBytes))
  const root = machine.state.disks.find(({ name }) => name === 'sda2')
  if (systemd) root?.tree?.files.set('/usr/lib/systemd/systemd', file(1))
  return machine
}

const run = (machine: MemoryMachine) => boot.run(machine, commandArgs(boot, {}))
const left = ({ state }: MemoryMachine) =>
  [COPY, UNIT, LINK].filter((path) => entryAt(state, path) !== undefined)

test('the program, a unit that runs it, and what wants the unit', () => {
  const machine = machineWith({})
  assert.is(run(machine), 0)
  assert.equal(left(machine), [COPY, UNIT, LINK])
  assert.is(machine.readText(UNIT), monitorUnit(COPY))
})

test('without systemd the program alone: the folder of its units would be taken for its presence', () => {
  const machine = machineWith({ systemd: false })
  assert.is(run(machine), 0)
  assert.equal(left(machine), [COPY])
})

test('not the executable with Node inside, and not for a root that keeps nothing in a store', () => {
  for (const given of [
    { executableBytes: 107e6 },
    { scenario: 'a store in RAM' },
    { scenario: 'layers in a directory' },
  ]) {
    const machine = machineWith(given)
    assert.is(run(machine), 0)
    assert.equal(left(machine), [])
  }
})

test('that it cannot be left is said, and the root keeps its changes all the same', () => {
  const machine = machineWith({})
  machine.copyFile = () => {
    throw new SystemError('ENOSPC', 'write', COPY)
  }
  assert.is(run(machine), 0)
  assert.match(machine.printed.stderr, /^holdfast: Failed to copy '.*': ENOSPC, ignoring$/m)
  assert.is(JSON.parse(machine.readText('/run/holdfast/boot.json')).mode, 'persistent')
})

/** A machine whose /run dracut has mounted, without systemd. */
function withoutSystemd(scenario?: string): MemoryMachine {
  const machine = machineWith(scenario === undefined ? {} : { scenario })
  machine.state.mounts = machine.state.mounts.map((mount) =>
    mount.mountPoint === '/run' ? { ...mount, options: ['rw', 'noexec'] } : mount,
  )
  return machine
}

const optionsOfRun = ({ state }: MemoryMachine) =>
  state.mounts.find(({ mountPoint }) => mountPoint === '/run')?.options

test('from a /run that was mounted noexec the monitor and the shutdown can be run all the same', () => {
  for (const scenario of ['a blank store', 'a store in RAM', 'layers in a directory']) {
    const machine = withoutSystemd(scenario)
    assert.is(run(machine), 0)
    assert.equal(optionsOfRun(machine), ['rw'])
  }
  const machine = withoutSystemd()
  machine.failOn = /remount,exec/
  assert.is(run(machine), 0)
  assert.match(machine.printed.stderr, /^holdfast: Failed to .*'\/run': .*, ignoring$/m)
  assert.equal(left(machine), [COPY, UNIT, LINK])
})

test('/run stays as it was where nothing is kept', () => {
  const machine = withoutSystemd()
  machine.cmdline = ''
  run(machine)
  assert.equal(optionsOfRun(machine), ['rw', 'noexec'])
})

test('the unit that make install brings is the same, for the program in the root', () => {
  const shipped = readFileSync(
    new URL('../../../systemd/holdfast-monitor.service', import.meta.url),
    'utf8',
  )
  assert.is(shipped, monitorUnit('/usr/sbin/holdfast'))
})

test.run()
