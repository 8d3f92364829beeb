import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { type Command, commandArgs } from '../../../src/commands/command.ts'
import { live } from '../../../src/commands/live.ts'
import { shutdown } from '../../../src/commands/shutdown.ts'
import { CommandError, RefusedError } from '../../../src/errors.ts'
import { findMount } from '../../../src/formats/mount-table.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { liveMachine } from '../memory/scenarios.ts'
import { describe, removeMount } from '../memory/state.ts'

const test = suite('live, boot and shutdown')

const ROOT = 'root=live:/dev/sr0'
const PERSISTENT = `${ROOT} rd.live.overlay=/dev/sdb:/persist.img`

function run(
  command: Command,
  machine: MemoryMachine,
  options: Record<string, unknown> = {},
): number {
  return command.run(machine, commandArgs(command, options))
}

function changesOf(cmdline: string): number {
  const machine = memoryMachine(liveMachine(), cmdline)
  assert.is(run(live, machine), 0)
  return machine.changes
}

for (const cmdline of [ROOT, `${ROOT} rd.live.ram`]) {
  test(`${cmdline}: whichever step fails, the machine is as it was`, () => {
    const steps = changesOf(cmdline)
    assert.ok(steps > 8)
    for (let k = 1; k <= steps; k++) {
      const machine = memoryMachine(liveMachine(), cmdline)
      const before = describe(machine.state)
      machine.failAt = k
      assert.throws(
        () => run(live, machine),
        (error: Error) => error instanceof CommandError && /^Failed to /.test(error.message),
      )
      assert.equal(describe(machine.state), before, `step ${k}`)
      assert.is(machine.printed.stderr, '')
    }
  })
}

test('the root is mounted from a device that nothing can write to', () => {
  const machine = memoryMachine(liveMachine(), ROOT)
  run(live, machine)
  const base = machine.state.disks.find(({ dm }) => dm?.name === 'live-base')
  assert.is(base?.readOnly, true)
  assert.is(findMount(machine.state.mounts, '/sysroot')?.device, base?.number)
})

test('a second run does nothing', () => {
  const machine = memoryMachine(liveMachine(), ROOT)
  run(live, machine)
  const { changes } = machine
  assert.is(run(live, machine), 0)
  assert.is(machine.changes, changes)
})

test('a medium that is not there yet is told by the exit status, and nothing is changed', () => {
  const machine = memoryMachine(liveMachine(), 'root=live:/dev/sdz')
  assert.is(run(live, machine), 5)
  assert.is(machine.changes, 0)
})

for (const [cmdline, why] of [
  [
    'root=live:http://h/x.img',
    /^root=live:http:\/\/h\/x.img is no live root: media on the network/,
  ],
  ['root=live:sr0', /^root=live:sr0 is no live root: /],
  ['rd.live.image', /root= names none$/],
] as const) {
  test(`${cmdline}: the boot does not wait for what holdfast cannot mount, and hears why`, () => {
    const machine = memoryMachine(liveMachine(), cmdline)
    assert.throws(
      () => run(live, machine),
      (error: Error) => error instanceof RefusedError && why.test(error.message),
    )
    assert.is(machine.changes, 0)
  })
}

test('what in the configuration is not understood is said once, however often the medium is looked for', () => {
  const problem = /rd\.live\.dir=\.\.\/x: .* LiveOS is used/g
  const said = ({ printed }: MemoryMachine) => printed.stderr.match(problem)?.length
  const machine = memoryMachine(liveMachine(), 'root=live:/dev/sdz rd.live.dir=../x')
  assert.equal([run(live, machine), run(live, machine), said(machine)], [5, 5, 1])
  machine.cmdline = `${ROOT} rd.live.dir=../x`
  assert.equal([run(live, machine), run(boot, machine), said(machine)], [0, 0, 1])
})

test('a medium without a root is refused, and let go', () => {
  const state = liveMachine()
  for (const { tree } of state.disks) tree?.files.delete('/LiveOS/squashfs.img')
  const machine = memoryMachine(state, ROOT)
  const before = describe(state)
  assert.throws(
    () => run(live, machine),
    (error: Error) =>
      error instanceof RefusedError &&
      error.message === 'there is no root image on the medium /dev/sr0',
  )
  assert.equal(describe(state), before)
})

for (const cmdline of [
  ROOT,
  PERSISTENT,
  `${ROOT} rd.live.ram`,
  `${PERSISTENT} rd.live.overlay.readonly`,
]) {
  test(`${cmdline}: after shutdown there is nothing left of it`, () => {
    const machine = memoryMachine(liveMachine(), cmdline)
    const before = describe(machine.state)
    assert.is(run(live, machine), 0)
    assert.is(run(boot, machine), 0, machine.printed.stderr)
    removeMount(machine.state, '/sysroot')
    assert.is(run(shutdown, machine), 0, machine.printed.stderr)
    assert.equal(describe(machine.state), before)
  })
}

test('shutdown takes a root that is still mounted down as well', () => {
  const machine = memoryMachine(liveMachine(), PERSISTENT)
  const before = describe(machine.state)
  run(live, machine)
  run(boot, machine)
  assert.is(run(shutdown, machine), 0)
  assert.equal(describe(machine.state), before)
})

test('shutdown goes on after a step that fails, and says so', () => {
  const machine = memoryMachine(liveMachine(), PERSISTENT)
  run(live, machine)
  run(boot, machine)
  machine.printed.stderr = ''
  machine.failOn = /^losetup --detach \/dev\/loop1/
  assert.is(run(shutdown, machine), 4)
  assert.match(
    machine.printed.stderr,
    "Failed to detach '/dev/loop1': losetup: does not work today, ignoring",
  )
  assert.not(
    machine.state.mounts.some(({ mountPoint }) => mountPoint === '/run/initramfs/overlayfs'),
  )
})

test('shutdown is refused where the system still runs, but for a dry run', () => {
  const machine = memoryMachine(liveMachine(), PERSISTENT)
  run(live, machine)
  run(boot, machine)
  const { changes } = machine
  const running: MemoryMachine = {
    ...machine,
    exists: (path) => path !== '/etc/initrd-release' && machine.exists(path),
  }
  assert.throws(() => run(shutdown, running), /the system is still running/)
  assert.is(run(shutdown, running, { 'dry-run': true }), 0)
  assert.is(machine.changes, changes)
  assert.match(machine.printed.stdout, 'dmsetup remove --retry --noudevsync live-rw\n')
})

test.run()
