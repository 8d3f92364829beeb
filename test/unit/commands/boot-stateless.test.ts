import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { findMount } from '../../../src/formats/mount-table.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { describe, file } from '../memory/state.ts'

const test = suite('boot of a stateless root')

const SCRATCH = '/run/initramfs/holdfast-scratch'

/** A root on sda2 that asks to stay read-only, and lists nothing; /run is mounted as dracut without systemd does it. */
function stateless(cmdline = ''): MemoryMachine {
  const { state } = scenarios['a blank store'] as (typeof scenarios)[string]
  const machine = memoryMachine(state(), cmdline)
  const root = machine.state.mounts.find(({ mountPoint }) => mountPoint === '/sysroot')
  const text = [...'READONLY=yes\n'].map((letter) => letter.charCodeAt(0))
  root?.tree.files.set('/etc/sysconfig/readonly-root', file(text.length, text))
  machine.state.mounts = machine.state.mounts.map((mount) =>
    mount.mountPoint === '/run' ? { ...mount, options: ['rw', 'noexec'] } : mount,
  )
  return machine
}

const run = (machine: MemoryMachine, options: Record<string, unknown> = {}) =>
  boot.run(machine, commandArgs(boot, options))
const mountAt = ({ state }: MemoryMachine, at: string) => findMount(state.mounts, at)
const record = (machine: MemoryMachine) => JSON.parse(machine.readText('/run/holdfast/boot.json'))

test('scratch is there, the record says so, and /run can be run from at shutdown', () => {
  const machine = stateless()
  assert.is(run(machine), 0, machine.printed.stderr)
  assert.is(mountAt(machine, SCRATCH)?.fsType, 'tmpfs')
  assert.is(mountAt(machine, '/sysroot')?.device, '8:2')
  assert.equal(mountAt(machine, '/run')?.options, ['rw'])
  const { mode, stateless: paths } = record(machine)
  assert.equal(
    [mode, paths.scratch, paths.rootReadOnly, paths.why],
    ['untouched', 'RAM', true, undefined],
  )
})

test('a second boot changes nothing', () => {
  const machine = stateless()
  run(machine)
  const before = describe(machine.state)
  const { changes } = machine
  assert.is(run(machine), 0)
  assert.is(machine.changes, changes)
  assert.equal(describe(machine.state), before)
})

test('over a store the root is mounted read-only in the end, and both are in the record', () => {
  const machine = stateless('rd.live.overlay=/dev/sdb:/persist.img')
  assert.is(run(machine), 0, machine.printed.stderr)
  const root = mountAt(machine, '/sysroot')
  assert.equal([root?.source, root?.options[0]], ['/dev/mapper/live-rw', 'ro'])
  const { mode, stateless: paths } = record(machine)
  assert.equal([mode, paths.scratch], ['persistent', 'RAM'])
})

test('without scratch the boot goes on, and the reason is said', () => {
  const machine = stateless()
  machine.failOn = /^mount -t tmpfs/
  assert.is(run(machine), 4)
  assert.match(
    record(machine).stateless.why,
    "Failed to mount 'holdfast-scratch': mount: does not work today",
  )
  assert.match(machine.printed.stderr, 'STATELESS, less than was asked: no scratch; none kept')
  assert.match(machine.readText('/run/motd.d/holdfast-stateless'), 'less than was asked')
})

test('where the shell comes first, because of the store, nothing is set up before it', () => {
  const machine = stateless(
    'rd.live.overlay=/dev/sdz:/x rd.holdfast.onfail=shell rd.holdfast.timeout=0',
  )
  assert.is(run(machine), 4)
  assert.is(mountAt(machine, SCRATCH), undefined)
})

test('noreadonlyroot turns it off', () => {
  const machine = stateless('noreadonlyroot')
  assert.is(run(machine), 0)
  assert.is(mountAt(machine, SCRATCH), undefined)
})

test('a dry run changes nothing and prints it all', () => {
  const machine = stateless()
  const before = describe(machine.state)
  assert.is(run(machine, { 'dry-run': true }), 0)
  assert.equal([describe(machine.state), machine.changes], [before, 0])
  assert.match(machine.printed.stdout, `mount -t tmpfs -o mode=0755 holdfast-scratch ${SCRATCH}`)
  assert.match(machine.printed.stdout, '"stateless": {')
})

test.run()
