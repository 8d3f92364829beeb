import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandArgs } from '../../../src/commands/command.ts'
import { create } from '../../../src/commands/create.ts'
import { CommandError, RefusedError, UsageError } from '../../../src/errors.ts'
import { parseCowHeader } from '../../../src/formats/cow-store.ts'
import { booted } from '../memory/booted.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { liveMachine, scenarios } from '../memory/scenarios.ts'
import { describe, file, type MemoryMount } from '../memory/state.ts'

const test = suite('create')

function run(machine: MemoryMachine, store: string, options: Record<string, unknown> = {}): number {
  return create.run(machine, commandArgs(create, { store, ...options }))
}

const NEW = '/dev/sdb:/new.img'
const filesOf = ({ state }: MemoryMachine) =>
  state.disks.find(({ name }) => name === 'sdb')?.tree?.files

test('the store is there with its header and all of its blocks, and the device is let go', () => {
  const machine = memoryMachine(liveMachine())
  const before = describe(machine.state)
  assert.is(run(machine, NEW, { size: '10M' }), 0)
  const made = filesOf(machine)?.get('/new.img')
  assert.is(made?.bytes, 10 << 20)
  assert.equal(parseCowHeader(made?.start ?? new Uint8Array()), {
    kind: 'store',
    valid: true,
    version: 1,
    chunkSectors: 32,
  })
  assert.is(filesOf(machine)?.has('/new.img.partial'), false)
  assert.equal(describe(machine.state), before)
})

test('it says what share of the base may change, and makes by default what cannot overflow', () => {
  const said = (options: Record<string, unknown>) => {
    const machine = booted()
    run({ ...machine, freeBytes: () => 2 ** 31 }, NEW, options)
    return { text: machine.printed.stderr, bytes: filesOf(machine)?.get('/new.img')?.bytes }
  }
  assert.is(
    said({ size: '512M' }).text,
    'holdfast: a store of 512 MiB at /new.img on /dev/sdb: 49 % of the base may change\n',
  )
  const usual = said({})
  // The base has 1 GiB.
  assert.is(usual.bytes, (2 + 65536 + 64) * 16384)
  assert.match(usual.text, /on \/dev\/sdb: it cannot overflow$/m)
})

test('on FAT it makes the longest file that there is, and says what that is good for', () => {
  const machine = booted()
  const { state } = machine
  state.mounts = state.mounts.map((mount) =>
    mount.device === '8:16' ? { ...mount, fsType: 'vfat' } : mount,
  )
  const [root] = state.disks.filter(({ dm }) => dm?.name === 'live-rw')
  if (root) root.sectors = 2 ** 24
  run({ ...machine, freeBytes: () => 2 ** 40 }, NEW)
  assert.is(filesOf(machine)?.get('/new.img')?.bytes, 2 ** 32 - 16384)
  assert.match(machine.printed.stderr, '49 % of the base may change, for a file on FAT has less')
})

test('on a machine without a store a root that is only read is the base', () => {
  const said = (options: Record<string, unknown>, change: (root: MemoryMount) => MemoryMount) => {
    const machine = memoryMachine((scenarios['a used store'] as (typeof scenarios)[string]).state())
    machine.state.mounts = machine.state.mounts.map((mount) =>
      mount.mountPoint === '/sysroot' ? change(mount) : mount,
    )
    run({ ...machine, freeBytes: () => 2 ** 31 }, NEW, options)
    return machine.printed.stderr
  }
  const asItIs = (root: MemoryMount) => root
  assert.match(said({}, asItIs), 'a store of 1 GiB at /new.img on /dev/sdb: it cannot overflow')
  assert.match(said({ size: '512M' }, asItIs), '49 % of the base may change')
  // One that is written to, a folder of a file system, and one that no snapshot can stand on are none.
  for (const other of [{ superOptions: ['rw'] }, { root: '/@' }, { fsType: 'squashfs' }]) {
    const isNoBase = (root: MemoryMount) => ({ ...root, ...other })
    assert.match(said({ size: '512M' }, isNoBase), 'the size of its base is not known')
    assert.throws(
      () => said({}, isNoBase),
      (error: Error) => error instanceof RefusedError && /^no base is there/.test(error.message),
    )
  }
})

test('whichever step fails, the device is as it was', () => {
  const whole = memoryMachine(liveMachine())
  run(whole, NEW, { size: '10M' })
  // The last one lets the turn go.
  for (let k = 1; k < whole.changes; k++) {
    const machine = memoryMachine(liveMachine())
    machine.failAt = k
    assert.throws(
      () => run(machine, NEW, { size: '10M' }),
      (error: Error) => error instanceof CommandError,
    )
    assert.equal([...(filesOf(machine)?.keys() ?? [])], ['/', '/persist.img'], `step ${k}`)
    assert.is(machine.state.mounts.length, 2)
  }
})

test('where there is no fallocate zeros are written, and the file is as long as asked', () => {
  const machine = memoryMachine(liveMachine())
  const usual = machine.run
  const vfat: MemoryMachine = {
    ...machine,
    run: (argv, timeoutMs) =>
      argv[0] === 'fallocate'
        ? { status: 1, stdout: '', stderr: 'fallocate: Operation not supported', timedOut: false }
        : usual(argv, timeoutMs),
  }
  assert.is(run(vfat, NEW, { size: '100M' }), 0)
  assert.is(filesOf(machine)?.get('/new.img')?.bytes, 100 << 20)
  assert.is(machine.ran.filter((line) => line.startsWith('dd ')).length, 2)
})

test('what is there is not overwritten', () => {
  const machine = memoryMachine(liveMachine())
  assert.throws(
    () => run(machine, '/dev/sdb:/persist.img', { size: '10M' }),
    (error: Error) =>
      error instanceof RefusedError && error.message === "'/dev/sdb:/persist.img' is there already",
  )
  assert.is(machine.state.mounts.length, 2)
})

test('where a recovery was interrupted no store is made in the place of the one that it cures', () => {
  const machine = memoryMachine(liveMachine())
  const tree = machine.state.disks.find(({ name }) => name === 'sdb')?.tree
  for (const name of ['/new.img.recovery', '/new.img.before-recovery']) {
    tree?.files.set(name, file(9))
  }
  assert.throws(
    () => run(machine, NEW, { size: '10M' }),
    (error: Error) =>
      error instanceof RefusedError &&
      error.message === `there is no '${NEW}': a recovery of it was interrupted` &&
      error.hint.includes(`holdfast recover ${NEW}`),
  )
  assert.not(tree?.files.has('/new.img'))
})

test('a dry run changes nothing', () => {
  const machine = memoryMachine(liveMachine())
  assert.is(run(machine, NEW, { size: '10M', 'dry-run': true }), 0)
  assert.is(machine.changes, 0)
  assert.match(
    machine.printed.stdout,
    'fallocate --length 10485760 /run/holdfast/create/new.img.partial\n',
  )
})

test('on the device that is mounted at / the path is as typed', () => {
  const machine = memoryMachine(liveMachine())
  machine.state.mounts = machine.state.mounts.map((mount) =>
    mount.mountPoint === '/' ? { ...mount, device: '8:16' } : mount,
  )
  assert.is(run(machine, NEW, { size: '10M', 'dry-run': true }), 0)
  assert.match(machine.printed.stdout, 'fallocate --length 10485760 /new.img.partial\n')
})

for (const [store, why] of [
  ['/dev/sdb', "'/dev/sdb': name the store's path too, as in /dev/sdb:/persist.img"],
  ['sdb:/x', "'sdb:/x': 'sdb' is not a device (perhaps /dev/sdb)"],
] as const) {
  test(`${store} names no store`, () => {
    const isIt = (error: Error) => error instanceof UsageError && error.message.startsWith(why)
    assert.throws(() => run(memoryMachine(liveMachine()), store), isIt)
  })
}

test.run()
