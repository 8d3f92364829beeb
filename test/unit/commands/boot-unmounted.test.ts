import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { findMount } from '../../../src/formats/mount-table.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { HOLDER, type Scenario, scenarios } from '../memory/scenarios.ts'
import { describe, file } from '../memory/state.ts'

// A store that was attached, and whose root cannot be mounted: the replay of its journal has run it full, say.
const test = suite('boot with a snapshot that cannot be mounted')

const CANNOT = "mount: can't read superblock on /dev/mapper/live-rw."
const WHY = `Failed to mount '/dev/mapper/live-rw': ${CANNOT}`

/** The root can be mounted where `canMount` says so, by what is there then. */
function start(more: string, canMount: (machine: MemoryMachine) => boolean, isUsed = true) {
  const { cmdline, state } = scenarios['a used store'] as Scenario
  const machine = memoryMachine(state(), `${cmdline} ${more}`)
  const used = new Uint8Array(3 * 4096)
  used.set(formatCowHeader(8))
  // Chunk 0 of the base is in chunk 2 of the store.
  if (isUsed) used[4096 + 8] = 2
  const disk = machine.state.disks.find(({ name }) => name === 'sdb')
  disk?.tree?.files.set('/used.img', file(300 << 20, [...used]))
  const run = machine.run
  machine.run = (argv, timeoutMs) => {
    if (!argv.includes('/dev/mapper/live-rw') || canMount(machine)) return run(argv, timeoutMs)
    machine.ran.push(argv.join(' '))
    return { status: 32, stdout: '', stderr: CANNOT, timedOut: false }
  }
  return machine
}

const hasDm = ({ state }: MemoryMachine, name: string) =>
  state.disks.some(({ dm }) => dm?.name === name)
/** Where the store is only read, below a store in RAM. */
const isOnlyRead = (machine: MemoryMachine) => hasDm(machine, 'live-ro')
const run = (machine: MemoryMachine) => boot.run(machine, commandArgs(boot, {}))
const record = (machine: MemoryMachine) => JSON.parse(machine.readText('/run/holdfast/boot.json'))
const tries = ({ ran }: MemoryMachine) =>
  ran.filter((line) => /^mount .*\/dev\/mapper\/live-rw/.test(line)).length
const rootOf = ({ state }: MemoryMachine) => findMount(state.mounts, '/sysroot')

test('the machine comes up with all that was kept, writes go to RAM, and the record says why', () => {
  const machine = start('', isOnlyRead)
  assert.is(run(machine), 4)
  const { mode, store, why, hint } = record(machine)
  assert.equal([mode, store, why], ['temporary', '/dev/sdb:/used.img', WHY])
  assert.match(hint, 'holdfast check /dev/sdb:/used.img')
  assert.is(rootOf(machine)?.source, '/dev/mapper/live-rw')
  const loop = machine.state.disks.find(({ loop }) => loop?.file === `${HOLDER}/used.img`)
  assert.is(loop?.readOnly, true)
  assert.match(machine.readText('/run/motd.d/holdfast'), WHY)
})

test('one that was run full, on a device with room, grows and is written to', () => {
  const machine = start('', (each) => tries(each) === 1)
  const used = machine.state.disks.find(({ name }) => name === 'sdb')?.tree?.files.get('/used.img')
  if (used === undefined) throw new Error('no store')
  used.bytes = 1 << 20
  const run_ = machine.run
  machine.run = (argv, timeoutMs) => {
    // Its last chunk is taken, by the replay.
    if (argv.includes('/dev/mapper/live-rw')) used.start[4096 + 8] = 255
    return run_(argv, timeoutMs)
  }
  assert.is(run(machine), 0, machine.printed.stderr)
  const { mode, storeBytes } = record(machine)
  assert.is(mode, 'persistent')
  assert.ok(storeBytes > 64 << 20)
  assert.not(isOnlyRead(machine))
})

test('with onfail=readonly it is mounted read-only', () => {
  const machine = start('rd.holdfast.onfail=readonly', isOnlyRead)
  assert.is(run(machine), 4)
  const root = rootOf(machine)
  assert.equal(
    [record(machine).mode, root?.source, root?.options[0]],
    ['readonly', '/dev/mapper/live-rw', 'ro'],
  )
})

test('with onfail=poweroff the machine is as it was, and switched off', () => {
  const machine = start('rd.holdfast.onfail=poweroff', isOnlyRead)
  const before = describe(machine.state)
  run(machine)
  assert.is(machine.readText('/proc/sysrq-trigger'), 'o')
  assert.equal(
    describe(machine.state).filter((line) => !line.includes('sysrq')),
    before,
  )
})

test('one that cannot be mounted over a store in RAM either: the base alone, after two tries', () => {
  const isBaseAlone = (machine: MemoryMachine) => !isOnlyRead(machine) && tries(machine) === 2
  const machine = start('', isBaseAlone)
  assert.is(run(machine), 4)
  const { mode, store, why } = record(machine)
  assert.equal([mode, store, why], ['temporary', undefined, WHY])
  assert.is(tries(machine), 3)
})

test('an empty store has nothing to be read: the policy follows at once', () => {
  const machine = start('', (each) => tries(each) === 1, false)
  assert.is(run(machine), 4)
  assert.equal([record(machine).store, record(machine).why], [undefined, WHY])
  assert.is(tries(machine), 2)
})

test('a store that is only read anyway is not tried twice', () => {
  const machine = start('rd.live.overlay.readonly', (each) => tries(each) === 1)
  assert.is(run(machine), 4)
  assert.is(record(machine).store, undefined)
  assert.is(tries(machine), 2)
})

test.run()
