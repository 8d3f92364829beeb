import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandArgs } from '../../../src/commands/command.ts'
import { grow } from '../../../src/commands/grow.ts'
import { CommandError, RefusedError } from '../../../src/errors.ts'
import { booted, dmOf, overflowed, STORE } from '../memory/booted.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { describe, entryAt } from '../memory/state.ts'

const test = suite('grow')

const MIB = 1 << 20
/** Over a base of 1 GiB with chunks of 16 KiB. */
const ENOUGH = (2 + 65536 + 64) * 16384
const run = (machine: MemoryMachine, options: Record<string, unknown> = {}) =>
  grow.run(machine, commandArgs(grow, options))
const bytesOf = ({ state }: MemoryMachine, path = STORE) => entryAt(state, path)?.bytes
const loopOf = ({ state }: MemoryMachine) => state.disks.find(({ loop }) => loop?.file === STORE)
const refuses = (body: () => unknown, reason: RegExp) =>
  assert.throws(body, (error: Error) => error instanceof RefusedError && reason.test(error.message))

test('the store of the root grows while it is in use: file, disk, loop device, in this order', () => {
  const machine = booted()
  assert.is(run(machine), 0)
  assert.is(bytesOf(machine), ENOUGH)
  assert.is(loopOf(machine)?.sectors, ENOUGH / 512)
  const changing = machine.ran.filter((line) => /^(fallocate|losetup --set)/.test(line))
  assert.equal(changing, [
    `fallocate --offset 314572800 --length ${ENOUGH - 300 * MIB} ${STORE}`,
    'losetup --set-capacity /dev/loop0',
  ])
  assert.match(machine.printed.stderr, 'the store grows from 300 MiB to 1 GiB: it cannot overflow')
})

test('a second time nothing is to do, and that is no error', () => {
  const machine = booted()
  run(machine)
  machine.changes = 0
  machine.ran.splice(0)
  assert.is(run(machine), 0)
  assert.not(machine.ran.some((line) => /fallocate|set-capacity|unshare/.test(line)))
  assert.match(machine.printed.stderr, 'the store has 1 GiB already: it cannot overflow')
})

test('as large as asked, and it says what share of the base may change', () => {
  const machine = booted()
  assert.is(run(machine, { size: '512M' }), 0)
  assert.is(bytesOf(machine), 512 * MIB)
  assert.match(machine.printed.stderr, 'from 300 MiB to 512 MiB: 49 % of the base may change')
})

test('smaller is refused, and what does not fit, before anything is changed', () => {
  const machine = booted()
  refuses(
    () => run(machine, { size: '200M' }),
    /^the store has 300 MiB, and 200 MiB were asked for/,
  )
  refuses(() => run(machine, { size: '9G' }), /^9 GiB do not fit: the store has 300 MiB, and 1 GiB/)
  assert.is(bytesOf(machine), 300 * MIB)
})

test('a growth that was cut off before its loop device was resized is completed', () => {
  const machine = booted()
  const entry = entryAt(machine.state, STORE)
  if (entry) entry.bytes = ENOUGH
  assert.is(run(machine), 0)
  assert.is(loopOf(machine)?.sectors, ENOUGH / 512)
  assert.not(machine.ran.some((line) => line.startsWith('fallocate')))
})

test('an overflow is cured by a table of another kind in between, and both devices run again', () => {
  const machine = overflowed()
  assert.is(run(machine), 0)
  assert.is(bytesOf(machine), ENOUGH)
  const [snapshot, root] = [dmOf(machine, 'live-snapshot'), dmOf(machine, 'live-rw')]
  assert.equal([snapshot?.overflow, snapshot?.suspended, root?.suspended], [false, false, false])
  assert.is(snapshot?.table, '0 2097152 snapshot 8:2 7:0 PO 32')
  assert.match(machine.printed.stderr, 'the root can be written to again')
})

test('an overflow that somebody else has cured meanwhile is not cured again under a root that is well', () => {
  const machine = overflowed()
  const dm = dmOf(machine, 'live-snapshot')
  const cured = (argv: readonly string[], ...rest: [number?]) => {
    const result = machine.run(argv, ...rest)
    if (argv.includes('--set-capacity') && dm) dm.overflow = false
    return result
  }
  assert.is(run({ ...machine, run: cured }), 0)
  assert.not(machine.ran.some((line) => /suspend|unshare/.test(line)))
})

test('whichever step of a cure fails, the root does not wait, and an overflow is better than an error', () => {
  const cures = [
    /suspend .* live-rw/,
    /suspend .* live-snapshot/,
    /load live-snapshot .*error/,
    /load live-snapshot .*snapshot 8:2/,
  ]
  for (const refused of cures) {
    const machine = overflowed()
    machine.state.refused = refused
    assert.throws(
      () => run(machine),
      (error: Error) => error instanceof CommandError,
    )
    for (const name of ['live-rw', 'live-snapshot']) {
      assert.is.not(dmOf(machine, name)?.suspended, true, `${name}: ${refused}`)
      assert.is(dmOf(machine, name)?.loaded, undefined)
    }
    const table = dmOf(machine, 'live-snapshot')?.table ?? ''
    assert.is(/error/.test(table), /8:2/.test(refused.source))
  }
})

test('an overflow of the longest file that FAT has is refused for that', () => {
  const machine = overflowed()
  machine.state.mounts = machine.state.mounts.map((mount) =>
    mount.device === '8:16' ? { ...mount, fsType: 'vfat' } : mount,
  )
  const snapshot = dmOf(machine, 'live-snapshot')
  if (snapshot) snapshot.table = snapshot.table.replace('2097152', String(2 ** 26))
  const entry = entryAt(machine.state, STORE)
  // A store whose entries cannot be read counts as full.
  const start = new Uint8Array(16384 + 16)
  start[16384 + 8] = 1
  if (entry) entry.bytes = 2 ** 32 - 16384
  if (entry) entry.start = start
  refuses(() => run(machine), /^the store is full, and a file on FAT has less than 4 GiB$/)
})

test('an overflow without room is refused, and nothing is suspended', () => {
  const machine = overflowed()
  const dm = dmOf(machine, 'live-snapshot')
  const entry = entryAt(machine.state, STORE)
  // A store whose entries cannot be read counts as full.
  const start = new Uint8Array(16384 + 16)
  start[16384 + 8] = 1
  if (entry) entry.start = start
  const full = { ...machine, freeBytes: () => 4 * MIB }
  refuses(() => run(full), /^the store is full, and its device has no room/)
  assert.not(machine.ran.some((line) => /unshare|fallocate/.test(line)))
  assert.ok(dm?.overflow)
})

test('a dry run of a cure prints it all, and changes nothing', () => {
  const machine = overflowed()
  const before = describe(machine.state)
  assert.is(run(machine, { 'dry-run': true }), 0)
  assert.equal(describe(machine.state), before)
  assert.match(machine.printed.stdout, 'dmsetup suspend --nolockfs --noflush live-rw\n')
  assert.match(machine.printed.stdout, 'trap finish EXIT\n')
  assert.is(machine.changes, machine.ran.filter((line) => line.startsWith('dmsetup')).length)
})

test('a store on a device grows, and the device is let go', () => {
  const machine = memoryMachine((scenarios['a used store'] as (typeof scenarios)[string]).state())
  const before = describe(machine.state).filter((line) => !line.includes('used.img'))
  assert.is(run(machine, { store: '/dev/sdb:/used.img', size: '400M' }), 0)
  const disk = machine.state.disks.find(({ name }) => name === 'sdb')
  assert.is(disk?.tree?.files.get('/used.img')?.bytes, 400 * MIB)
  assert.equal(
    describe(machine.state).filter((line) => !line.includes('used.img')),
    before,
  )
})

test('one that is not in use and not sound is refused, and one without a record wants --size', () => {
  const machine = memoryMachine((scenarios['a used store'] as (typeof scenarios)[string]).state())
  refuses(() => run(machine, { store: '/dev/sdb:/none.img', size: '1G' }), /^there is no file/)
  refuses(() => run(machine, { store: '/dev/sdb:/layers.img', size: '1G' }), /is not a store/)
  refuses(() => run(machine, { store: '/dev/sdb:/used.img' }), /has no record of its base/)
  assert.is(machine.state.mounts.length, 3)
})

test('a store that is being cured by somebody else is not taken for none', () => {
  const machine = overflowed()
  const dm = dmOf(machine, 'live-snapshot')
  if (dm) dm.table = dm.table.replace(/snapshot .*/, 'error')
  refuses(() => run(machine), /is being made anew/)
})

test('a root without a store has nothing that could grow', () => {
  const machine = memoryMachine((scenarios['a used store'] as (typeof scenarios)[string]).state())
  refuses(() => run(machine), /^the running root has no store on a device$/)
})

test.run()
