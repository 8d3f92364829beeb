import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { findMount } from '../../../src/formats/mount-table.ts'
import { formatJson } from '../../../src/printable.ts'
import { imageStart } from '../image-start.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { HOLDER, type Scenario, scenarios } from '../memory/scenarios.ts'
import { describe, file, type State } from '../memory/state.ts'

const test = suite('boot')

function run(machine: MemoryMachine, options: Record<string, unknown> = {}): number {
  return boot.run(machine, commandArgs(boot, options))
}

function start({ cmdline, state }: Scenario, more = ''): MemoryMachine {
  return memoryMachine(state(), `${cmdline} ${more}`)
}

/** A store with one entry: chunk 0 of the base is in its chunk 2. */
function usedStore() {
  const used = new Uint8Array(3 * 4096)
  used.set(formatCowHeader(8))
  used[4096 + 8] = 2
  return file(300 << 20, [...used])
}

const rootOf = ({ state }: MemoryMachine) => findMount(state.mounts, '/sysroot')
const record = (machine: MemoryMachine) => JSON.parse(machine.readText('/run/holdfast/boot.json'))
const isHeld = ({ state }: MemoryMachine) =>
  state.mounts.some(({ device }) => device === '8:16') ||
  state.disks.some(({ loop }) => loop?.file.startsWith(HOLDER))

for (const [name, scenario] of Object.entries(scenarios)) {
  const first = start(scenario)
  const status = run(first)
  const steps = first.changes

  test(`${name}: the root is replaced, and what was below it is there`, () => {
    assert.is(status, 0, first.printed.stderr)
    assert.is.not(rootOf(first)?.device, '8:2')
    const below = (machine: MemoryMachine) =>
      machine.state.mounts
        .filter(({ mountPoint }) => mountPoint.startsWith('/sysroot/'))
        .map(({ mountPoint, device, group }) => [mountPoint, device, group !== undefined])
    assert.equal(below(first), below(start(scenario)))
    assert.not(first.state.mounts.some(({ mountPoint }) => mountPoint.includes('/carry/')))
  })

  test(`${name}: a second boot changes nothing`, () => {
    const before = describe(first.state)
    assert.is(run(first), 0)
    assert.is(first.changes, steps)
    assert.equal(describe(first.state), before)
  })

  test(`${name}: whichever step fails, the machine is as it was, and the reason names it`, () => {
    for (let k = 1; k <= steps; k++) {
      const machine = start(scenario, 'rd.holdfast.onfail=readonly')
      const before = describe(machine.state)
      machine.failAt = k
      assert.is(run(machine), 4, `step ${k}`)
      const { mode, why } = record(machine)
      assert.is(mode, 'readonly')
      assert.match(why, /^Failed to [a-z]+[^']* '[^']+': (E[A-Z]+|\w+: (this once|half way))$/)
      assert.equal(describe(machine.state), before, `step ${k}: ${why}`)
      assert.not.match(machine.printed.stderr, 'ignoring')
    }
  })

  test(`${name}: whichever step fails, RAM takes over and the persistence device is let go`, () => {
    for (let k = 1; k <= steps; k++) {
      const machine = start(scenario)
      const held = isHeld(machine)
      machine.failAt = k
      assert.is(run(machine), 4, `step ${k}`)
      assert.is(record(machine).mode, 'temporary')
      assert.is.not(rootOf(machine)?.device, '8:2')
      assert.is(isHeld(machine), held, `step ${k}`)
    }
  })

  test(`${name}: a dry run changes nothing`, () => {
    const machine = start(scenario)
    const before = describe(machine.state)
    assert.is(run(machine, { 'dry-run': true }), 0)
    assert.is(machine.changes, 0)
    assert.equal(describe(machine.state), before)
    assert.match(machine.printed.stdout, '\numount /sysroot\n')
  })
}

const recipe = scenarios['a blank store'] as Scenario

test('no snapshot at all: the root is back, read-only, and so it is said', () => {
  const machine = start(recipe)
  const before = describe(machine.state)
  machine.failOn = /^dmsetup create/
  assert.is(run(machine), 4)
  assert.equal(describe(machine.state), before)
  assert.is(record(machine).mode, 'readonly')
  assert.is(
    record(machine).why,
    "Failed to create the device 'live-snapshot': dmsetup: does not work today",
  )
})

test('a root that cannot be mounted as the kernel showed it is mounted plainly', () => {
  const machine = start(recipe, 'rd.holdfast.onfail=readonly')
  machine.state.mounts = machine.state.mounts.map((mount) =>
    mount.mountPoint === '/sysroot' ? { ...mount, superOptions: ['ro', 'bad'] } : mount,
  )
  machine.failOn = /^dmsetup create/
  run(machine)
  assert.equal(rootOf(machine)?.options.includes('ro'), true)
  assert.match(machine.printed.stderr, 'trying again without its options')
})

test('a mount that is read-only on a writable file system comes back read-only', () => {
  const machine = start(recipe, 'rd.holdfast.onfail=readonly')
  machine.state.mounts = machine.state.mounts.map((mount) =>
    mount.mountPoint === '/sysroot' ? { ...mount, superOptions: ['rw'] } : mount,
  )
  machine.failOn = /^dmsetup create/
  run(machine)
  assert.is(rootOf(machine)?.options[0], 'ro')
})

test('a device that does not come is waited for as long as asked, and no longer', () => {
  const cmdline = 'rd.live.overlay=/dev/sdz:/x rd.holdfast.timeout=3'
  const machine = start({ ...recipe, cmdline })
  assert.is(run(machine), 4)
  assert.ok(machine.monotonicMs() >= 3000 && machine.monotonicMs() <= 3100)
  const why = '/dev/sdz did not appear within 3 s (rd.holdfast.timeout=)'
  assert.equal([record(machine).mode, record(machine).why], ['temporary', why])
  assert.is(
    machine.printed.stderr,
    [
      'holdfast: waiting up to 3 s for /dev/sdz',
      `holdfast: TEMPORARY: changes are lost at shutdown: ${why}`,
      'holdfast: Name it in a way that does not change (LABEL=, UUID=, /dev/disk/by-id/...), or wait longer.',
      '',
    ].join('\n'),
  )
})

test('onfail=shell leaves the root and the reason where the hook looks', () => {
  const machine = start({ ...recipe, cmdline: 'rd.live.overlay=nonsense rd.holdfast.onfail=shell' })
  assert.is(run(machine), 4)
  assert.is(rootOf(machine)?.device, '8:2')
  assert.match(machine.readText('/run/holdfast/shell'), /^'nonsense' is not a device.*\n$/)
})

test('what a hostile record says is no line of its own: not on the console, nor in the record, nor where the hook looks', () => {
  const machine = start({
    ...recipe,
    cmdline: 'rd.live.overlay=/dev/sdb:/used.img rd.holdfast.onfail=shell',
  })
  const label = 'X\nholdfast: persistent: all is well\u001b[2J\u009b2J'
  const base = { type: 'ext4\n<0>', label, uuid: '\nholdfast: u', sectors: 8, fingerprint: '\n' }
  const numbers = { chunkSectors: 8, createdSeconds: 1, lastUsedSeconds: 2 }
  const beside = new TextEncoder().encode(formatJson({ version: 1, base, ...numbers }))
  const disk = machine.state.disks.find(({ name }) => name === 'sdb')
  disk?.tree?.files.set('/used.img', usedStore())
  disk?.tree?.files.set('/used.img.holdfast', file(beside.length, [...beside]))
  assert.is(run(machine), 4)
  const { stderr } = machine.printed
  assert.match(
    stderr,
    String.raw`(ext4\x0a<0> "X\x0aholdfast: persistent: all is well\x1b[2J\x9b2J", `,
  )
  assert.not.match(stderr, /^(?!holdfast: (READ-ONLY|Boot that image))./m)
  for (const path of ['/run/holdfast/shell', '/run/holdfast/boot.json', '/run/motd.d/holdfast']) {
    assert.not.match(machine.readText(path), /(?!\n)\p{Cc}|^holdfast: (persistent|u)/mu, path)
  }
  assert.match(machine.readText('/run/holdfast/shell'), /^[^\n]*\n$/)
})

for (const [how, key] of [
  ['reboot', 'b'],
  ['poweroff', 'o'],
] as const) {
  test(`onfail=${how} presses the key, with everything taken back before`, () => {
    const machine = start(recipe, `rd.holdfast.onfail=${how}`)
    machine.failOn = /^dmsetup create/
    const before = describe(machine.state)
    run(machine)
    assert.is(machine.readText('/proc/sysrq-trigger'), key)
    assert.equal(
      describe(machine.state).filter((line) => !line.includes('sysrq')),
      before,
    )
  })
}

test('a success after a failure takes the bad news out of the message of the day', () => {
  const machine = start(recipe, 'rd.holdfast.onfail=readonly')
  machine.failAt = 5
  run(machine)
  assert.match(machine.readText('/run/motd.d/holdfast'), 'READ-ONLY')
  assert.is(run(machine), 0)
  assert.throws(() => machine.readText('/run/motd.d/holdfast'), /ENOENT/)
})

test('a used store without a record is taken with a warning on the console and in the record, once', () => {
  const machine = start({ ...recipe, cmdline: 'rd.live.overlay=/dev/sdb:/used.img' })
  const disk = machine.state.disks.find(({ name }) => name === 'sdb')
  disk?.tree?.files.set('/used.img', usedStore())
  const fresh = structuredClone(machine.state)
  const warned = (state: State) => {
    const booted = memoryMachine(state, machine.cmdline)
    const kernel: string[] = []
    // An initramfs without systemd: what is no warning goes to the kernel's log alone.
    const quiet: MemoryMachine = {
      ...booted,
      env: (name) => (name === 'DRACUT_SYSTEMD' ? undefined : booted.env(name)),
      // A base that shows whether it was written to: of others each boot warns.
      readBytes: (path, offset, length) =>
        path === '/dev/sda2'
          ? imageStart('ext3', 1 << 17).slice(offset, offset + length)
          : booted.readBytes(path, offset, length),
      writeText: (path, text) =>
        path === '/dev/kmsg' ? kernel.push(text) : booted.writeText(path, text),
    }
    assert.is(run(quiet), 0, booted.printed.stderr)
    assert.is(record(booted).mode, 'persistent')
    const { warnings } = record(booted)
    const there = [booted.printed.stderr, kernel.filter((text) => text.startsWith('<28>')).join('')]
    for (const text of there)
      assert.is(/has no record of its base/.test(text), warnings !== undefined)
    return warnings
  }
  assert.match(warned(machine.state).join(), 'has no record of its base: from now on it belongs to')
  const left = machine.state.disks.find(({ name }) => name === 'sdb')?.tree
  const again = fresh.disks.find(({ name }) => name === 'sdb')?.tree
  for (const [path, entry] of left?.files ?? []) again?.files.set(path, entry)
  assert.is(warned(fresh), undefined)
})

for (const argument of ['', 'rd.overlay']) {
  test(`a root that lies on two devices gets no snapshot of the one, ${argument || 'kept'}`, () => {
    const machine = start({ ...recipe, cmdline: argument || recipe.cmdline })
    const base = imageStart('btrfs', 1 << 17)
    base[65536 + 0x88] = 2
    const before = rootOf(machine)
    const two: MemoryMachine = {
      ...machine,
      readBytes: (path, offset, length) =>
        path === '/dev/sda2'
          ? base.slice(offset, offset + length)
          : machine.readBytes(path, offset, length),
    }
    assert.is(run(two), 4)
    assert.equal(rootOf(machine), before)
    assert.is(record(machine).mode, 'readonly')
    assert.match(
      record(machine).why,
      /a part of the root's \w+ lies on another device than \/dev\/sda2/,
    )
  })
}

test('without an argument an ordinary root is left alone', () => {
  const machine = start({ ...recipe, cmdline: 'root=/dev/sda2' })
  assert.is(run(machine), 0)
  assert.equal([machine.changes, machine.printed.stderr], [0, ''])
})

test('on a running system it is refused: umount / would make its root read-only', () => {
  const machine = start(recipe)
  const running: MemoryMachine = {
    ...machine,
    exists: (path) => path !== '/etc/initrd-release' && machine.exists(path),
  }
  assert.throws(() => run(running), /the system already runs from the root/)
  assert.is(machine.changes, 0)
})

test.run()
