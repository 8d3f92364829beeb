import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { findMount } from '../../../src/formats/mount-table.ts'
import type { RunResult } from '../../../src/machine/system.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { HOLDER, type Scenario, scenarios } from '../memory/scenarios.ts'
import { describe } from '../memory/state.ts'

// A program that is killed at its limit: the kernel may have done what it was asked for all the same, or do it later.
const test = suite('boot with programs that are killed')

const KILLED: RunResult = { status: 137, stdout: '', stderr: '', timedOut: true }

function run(machine: MemoryMachine): number {
  return boot.run(machine, commandArgs(boot, {}))
}

function start({ cmdline, state }: Scenario, more = ''): MemoryMachine {
  return memoryMachine(state(), `${cmdline} ${more}`)
}

/** The machine, whose program of that number (from 0) is killed, when its work is done or before. */
function killing(machine: MemoryMachine, at: number, isDone: boolean): MemoryMachine {
  const run = machine.run
  let programs = 0
  machine.run = (argv, timeoutMs) => {
    if (programs++ !== at) return run(argv, timeoutMs)
    if (isDone) run(argv, timeoutMs)
    return KILLED
  }
  return machine
}

const rootOf = ({ state }: MemoryMachine) => findMount(state.mounts, '/sysroot')
const record = (machine: MemoryMachine) => JSON.parse(machine.readText('/run/holdfast/boot.json'))
const loopFiles = ({ state }: MemoryMachine) =>
  state.disks.flatMap(({ loop }) => (loop === undefined ? [] : [loop.file]))

/** What the root keeps its changes in, as the machine shows it. */
function technologyOf(machine: MemoryMachine): string {
  const root = rootOf(machine)
  if (root?.fsType === 'overlay') return 'overlayfs'
  return root?.source === '/dev/mapper/live-rw' ? 'dm-snapshot' : 'none'
}

for (const [name, scenario] of Object.entries(scenarios)) {
  const usual = start(scenario)
  run(usual)
  const programs = usual.ran

  for (const isDone of [true, false]) {
    const what = `${name}: whichever program is killed, its work ${isDone ? 'done' : 'not done'},`

    test(`${what} there is a root, and the record is true`, () => {
      for (const [at, line] of programs.entries()) {
        const machine = killing(start(scenario), at, isDone)
        const status = run(machine)
        assert.ok(rootOf(machine), line)
        const { mode, technology, why } = record(machine)
        assert.is(technologyOf(machine), technology, line)
        assert.is(status, why === undefined ? 0 : 4, line)
        if (why === undefined) continue
        assert.match(why, /^Failed to .*: no answer in time, killed$/, line)
        assert.is(mode, 'temporary', line)
        assert.not(
          loopFiles(machine).some((file) => file.startsWith(HOLDER)),
          line,
        )
      }
    })

    test(`${what} all of it is taken back`, () => {
      for (const [at, line] of programs.entries()) {
        const machine = killing(start(scenario, 'rd.holdfast.onfail=readonly'), at, isDone)
        const before = describe(machine.state)
        if (run(machine) === 0) continue
        assert.is(record(machine).mode, 'readonly', line)
        assert.equal(describe(machine.state), before, line)
        assert.not.match(machine.printed.stderr, 'ignoring')
      }
    })
  }
}

const recipe = scenarios['a blank store'] as Scenario

/** Its snapshot is made, and stays in the kernel's hands for that long, while the program is killed. */
function stuck(holdMs: number, more = ''): MemoryMachine {
  const machine = start(recipe, more)
  const run = machine.run
  let isKilled = false
  machine.run = (argv, timeoutMs) => {
    const line = argv.join(' ')
    if (/^dmsetup create live-snapshot/.test(line) && !isKilled) {
      isKilled = true
      run(argv, timeoutMs)
      return KILLED
    }
    if (/^dmsetup remove .*live-snapshot/.test(line) && machine.monotonicMs() < holdMs) {
      return { ...KILLED, status: 1, stderr: 'Device or resource busy', timedOut: false }
    }
    return run(argv, timeoutMs)
  }
  return machine
}

test('a snapshot that lets its base go after four minutes is waited for, and that is said', () => {
  const machine = stuck(240_000)
  assert.is(run(machine), 4)
  const { mode, why } = record(machine)
  assert.equal(
    [mode, technologyOf(machine), why],
    [
      'temporary',
      'dm-snapshot',
      "Failed to create the device 'live-snapshot': no answer in time, killed",
    ],
  )
  assert.equal(loopFiles(machine), ['/run/initramfs/holdfast-ram/store'])
  assert.match(machine.printed.stderr, /trying again for up to 5 min\n/)
  assert.not.match(machine.printed.stderr, 'ignoring')
})

test('one that never does leaves the base to be mounted by a loop device', () => {
  const machine = stuck(Number.POSITIVE_INFINITY, 'rd.holdfast.onfail=readonly')
  assert.is(run(machine), 4)
  const root = rootOf(machine)
  assert.equal(
    [root?.source, root?.options[0], record(machine).mode],
    ['/dev/loop1', 'ro', 'readonly'],
  )
  assert.ok(machine.monotonicMs() < 400_000)
})

test('with an own limit of minutes the snapshot is made and the root is mounted', () => {
  const machine = start(recipe)
  const limits = new Map<string, number | undefined>()
  const run_ = machine.run
  machine.run = (argv, timeoutMs) => {
    limits.set(argv.join(' ').replace(/ --.*/, ''), timeoutMs)
    return run_(argv, timeoutMs)
  }
  assert.is(run(machine), 0)
  const limitOf = (start: string) => [...limits].find(([line]) => line.startsWith(start))?.[1]
  assert.is(limitOf('dmsetup create live-snapshot'), 300_000)
  assert.is(limitOf('mount -t ext4 -o ro /dev/mapper/live-rw'), 300_000)
  assert.is(limitOf('umount /sysroot'), undefined)
})

test('an unmount that fails although the mount is gone: the base is back', () => {
  const machine = start(recipe, 'rd.holdfast.onfail=readonly')
  const before = describe(machine.state)
  const run_ = machine.run
  machine.run = (argv, timeoutMs) => {
    const result = run_(argv, timeoutMs)
    if (argv.join(' ') !== 'umount /sysroot') return result
    return { ...result, status: 16, stderr: 'umount: failed to update the table' }
  }
  assert.is(run(machine), 4)
  assert.equal(describe(machine.state), before)
})

test.run()
