import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandArgs } from '../../../src/commands/command.ts'
import { monitor } from '../../../src/commands/monitor.ts'
import { watchStore } from '../../../src/commands/watch-store.ts'
import { serviceLog } from '../../../src/log.ts'
import { probeMachine } from '../../../src/machine/probe.ts'
import type { RunResult } from '../../../src/machine/system.ts'
import { probeRootStore, type RootStore } from '../../../src/overlay/probe-root-store.ts'
import { booted, dmOf, overflowed, STORE } from '../memory/booted.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { entryAt } from '../memory/state.ts'

const test = suite('monitor')

const MIB = 1 << 20
/** Over a base of 1 GiB with chunks of 16 KiB. */
const ENOUGH = (2 + 65536 + 64) * 16384

const run = (machine: MemoryMachine) => monitor.run(machine, commandArgs(monitor, {}))
const bytesOf = ({ state }: MemoryMachine) => entryAt(state, STORE)?.bytes ?? 0
const loopOf = ({ state }: MemoryMachine) => state.disks.find(({ loop }) => loop?.file === STORE)
const record = (machine: MemoryMachine) => JSON.parse(machine.readText('/run/holdfast/store.json'))

const storeOf = (machine: MemoryMachine) =>
  probeRootStore(machine, probeMachine(machine, '/')) as RootStore
const watch = (machine: MemoryMachine) => watchStore(machine, serviceLog(machine), storeOf(machine))

test('a store that can be as large as its base needs is, and then the monitor ends', () => {
  const machine = booted()
  const entry = entryAt(machine.state, STORE)
  if (entry) entry.bytes = ENOUGH - 100 * MIB
  const loop = loopOf(machine)
  if (loop) loop.sectors = (ENOUGH - 100 * MIB) / 512
  assert.is(run(usedSoThat(machine, 50)), 0)
  assert.is(bytesOf(machine), ENOUGH)
  assert.is(machine.ran.filter((line) => line.startsWith('fallocate')).length, 2)
  const { level, totalBytes, growths } = record(machine)
  assert.equal([level, totalBytes, growths], ['well', ENOUGH, 2])
  assert.match(machine.printed.stderr, 'there is nothing more to watch')
})

/** The machine with a store whose first entry has its data so that so many MiB are free. */
function usedSoThat(machine: MemoryMachine, freeMib: number): MemoryMachine {
  const entry = entryAt(machine.state, STORE)
  if (entry) entry.start = usedUp(entry.bytes - freeMib * MIB)
  return machine
}

test('a store grows in portions until the head-room is free, and is left alone then', () => {
  const machine = usedSoThat(booted(), 150)
  const look = watch(machine)
  assert.equal([look(), look(), look()], [0, 0, 542])
  assert.is(bytesOf(machine), 428 * MIB)
  assert.is(record(machine).growths, 2)
})

test('a store with holes gets the blocks for these before any other, and none where they would not be enough', () => {
  const grown = (freeBytes: number) => {
    const machine = usedSoThat(booted(), 200)
    const stat = (path: string) => {
      const found = machine.stat(path)
      return path === STORE ? { ...found, allocatedSectors: (100 * MIB) / 512 } : found
    }
    const sparse = { ...machine, stat, lstat: stat, freeBytes: () => freeBytes }
    watchStore(sparse, serviceLog(sparse), storeOf(machine))()
    return machine.ran.filter((line) => line.startsWith('fallocate'))
  }
  assert.equal(grown(2 ** 30), [`fallocate --offset 0 --length ${364 * MIB} ${STORE}`])
  assert.equal(grown(200 * MIB), [])
})

/** A store that cannot overflow and has blocks for 100 MiB, on a device that has so much free. */
function sparseOn(machine: MemoryMachine, holder: { freeBytes: number }, fallocate?: RunResult) {
  const entry = entryAt(machine.state, STORE)
  if (entry) entry.bytes = ENOUGH
  const loop = loopOf(machine)
  if (loop) loop.sectors = ENOUGH / 512
  let allocated = 100 * MIB
  const stat = (path: string) => {
    const found = machine.stat(path)
    return path === STORE ? { ...found, allocatedSectors: allocated / 512 } : found
  }
  const run = (argv: readonly string[], timeoutMs?: number) => {
    const result = machine.run(argv, timeoutMs)
    if (argv[0] !== 'fallocate') return result
    if (fallocate === undefined) allocated = ENOUGH
    return fallocate ?? result
  }
  const sparse = { ...machine, stat, lstat: stat, run, freeBytes: () => holder.freeBytes }
  return watchStore(sparse, serviceLog(sparse), storeOf(machine))
}

test('a store that is long enough gets the blocks of its holes as soon as there is room, and then the monitor ends', () => {
  const machine = booted()
  const holder = { freeBytes: 0 }
  const look = sparseOn(machine, holder)
  assert.equal([look(), look()], [2000, 2000])
  holder.freeBytes = 2 ** 31
  machine.ran.splice(0)
  assert.equal([look(), look()], [0, undefined])
  const filled = machine.ran.filter((line) => line.startsWith('fallocate'))
  assert.equal(filled, [`fallocate --offset 0 --length ${ENOUGH} ${STORE}`])
  assert.match(machine.printed.stderr, 'the store is sparse: it gets all its blocks')
})

test('where its file system gives no blocks to holes that is said once, and the store is watched', () => {
  const result = { status: 0, stdout: '', stderr: '', timedOut: false }
  // What it gave blocks to it may have compressed.
  const refused = { ...result, status: 1, stderr: 'fallocate failed: Operation not supported' }
  for (const fallocate of [refused, result]) {
    const machine = booted()
    const look = sparseOn(machine, { freeBytes: 2 ** 31 }, fallocate)
    for (let looks = 0; looks < 50; looks++) machine.sleep(look() ?? Number.NaN)
    assert.is(machine.ran.filter((line) => line.startsWith('fallocate')).length, 1)
    assert.is(record(machine).level, 'well')
  }
})

test('a root without a store is no error', () => {
  const machine = memoryMachine((scenarios['a used store'] as (typeof scenarios)[string]).state())
  assert.is(run(machine), 0)
  assert.match(machine.printed.stderr, 'there is nothing to watch')
})

test('a look starts no process, but every minute', () => {
  const machine = booted()
  const roomy = { ...machine, freeBytes: () => 0 }
  const look = watch(roomy)
  machine.ran.splice(0)
  assert.is(look(), 2000)
  assert.equal(
    machine.ran.filter((line) => !line.startsWith('wall')),
    ['dmsetup status live-snapshot'],
  )
  machine.ran.splice(0)
  for (let pauses = 0; pauses < 59_000; pauses += 2000) {
    assert.is(look(), 2000)
    machine.sleep(2000)
  }
  assert.equal(machine.ran, [])
  machine.sleep(2000)
  look()
  assert.equal(machine.ran, ['dmsetup status live-snapshot'])
})

test('a growth that fails is said once, and tried again after half a minute', () => {
  const machine = usedSoThat(booted(), 200)
  machine.failOn = /^fallocate/
  const look = watch(machine)
  const tries = () => machine.ran.filter((line) => line.startsWith('fallocate')).length
  for (let looks = 0; looks < 20; looks++) machine.sleep(look() ?? 0)
  assert.is(tries(), 2)
  assert.is(machine.printed.stderr.match(/Failed to grow/g)?.length, 1)
  machine.failOn = undefined
  for (let looks = 0; looks < 20; looks++) machine.sleep(look() ?? 0)
  assert.ok(bytesOf(machine) > 300 * MIB)
})

const resizes = ({ ran }: MemoryMachine) => ran.filter((line) => /set-capacity/.test(line)).length

test('what the file has and its loop device not is no room: the loop device is resized when that works', () => {
  const machine = usedSoThat(booted(), 20)
  machine.failOn = /set-capacity/
  const look = watch(machine)
  for (let looks = 0; looks < 5; looks++) machine.sleep(look() ?? 0)
  // The file got a portion before; what was tried again since has added nothing to it.
  assert.equal([bytesOf(machine), loopOf(machine)?.sectors], [364 * MIB, (300 * MIB) / 512])
  assert.equal([record(machine).level, record(machine).totalBytes], ['low', 300 * MIB])
  for (let looks = 0; looks < 20; looks++) machine.sleep(look() ?? 0)
  assert.is(bytesOf(machine), 364 * MIB)
  machine.failOn = undefined
  machine.ran.splice(0)
  machine.sleep(30_000)
  assert.is(look(), 0)
  assert.is(loopOf(machine)?.sectors, (364 * MIB) / 512)
  const changing = machine.ran.filter((line) => /^(fallocate|losetup --set)/.test(line))
  assert.equal(changing, ['losetup --set-capacity /dev/loop0'])
  assert.match(machine.printed.stderr, 'the loop device of the store becomes as long as its file')
})

test('a store is not done before its loop device is as long as it can ever need, without room beside it too', () => {
  const machine = booted()
  const entry = entryAt(machine.state, STORE)
  if (entry) entry.bytes = ENOUGH
  if (entry) entry.start = usedUp(280 * MIB)
  const full = { ...machine, freeBytes: () => 0 }
  assert.is(run(full as MemoryMachine), 0)
  assert.is(loopOf(machine)?.sectors, ENOUGH / 512)
  assert.is(resizes(machine), 1)
})

test('a loop device that stays shorter than its file is no reason to spin', () => {
  const machine = usedSoThat(booted(), 20)
  const usual = machine.run
  const short: MemoryMachine = {
    ...machine,
    run: (argv, timeoutMs) =>
      argv.includes('--set-capacity')
        ? { status: 0, stdout: '', stderr: '', timedOut: false }
        : usual(argv, timeoutMs),
  }
  const look = watch(short)
  assert.is(look(), 0)
  assert.is(look(), 2000)
  assert.match(
    machine.printed.stderr,
    "Failed to resize '/dev/loop0': it has 300 MiB, its file 364 MiB",
  )
})

test('on FAT a store grows to the longest file there, and no attempt follows', () => {
  const machine = booted()
  machine.state.mounts = machine.state.mounts.map((mount) =>
    mount.device === '8:16' ? { ...mount, fsType: 'vfat' } : mount,
  )
  const [snapshot, loop, entry] = [
    dmOf(machine, 'live-snapshot'),
    loopOf(machine),
    entryAt(machine.state, STORE),
  ]
  if (!snapshot || !loop || !entry) throw new Error('the machine was booted without a store')
  // A base of 32 GiB.
  snapshot.table = snapshot.table.replace('2097152', String(2 ** 26))
  entry.bytes = 2 ** 32 - 20 * MIB
  loop.sectors = entry.bytes / 512
  const look = watch(usedSoThat(machine, 10))
  machine.ran.splice(0)
  for (let looks = 0; looks < 50; looks++) machine.sleep(look() ?? 0)
  assert.is(entry.bytes, 2 ** 32 - 16384)
  assert.is(machine.ran.filter((line) => /^(fallocate|dd)/.test(line)).length, 1)
  assert.match(machine.printed.stderr, 'and a file on FAT has less than 4 GiB')
  assert.not.match(machine.printed.stderr, 'trying again')
})

test('an overflow is said once to everybody, in the message of the day and the record; with room it is cured', () => {
  const machine = overflowed()
  const entry = entryAt(machine.state, STORE)
  let freeBytes = 0
  const full = { ...machine, freeBytes: () => freeBytes }
  const look = watch(full)
  // All of it is in use, as far as the entries tell.
  if (entry) entry.start = usedUp(entry.bytes)
  assert.is(look(), 2000)
  assert.is(look(), 2000)
  assert.is(
    machine.ran.filter((line) => line.startsWith('wall holdfast: the store is full')).length,
    1,
  )
  assert.match(
    machine.readText('/run/motd.d/holdfast'),
    /^holdfast: the store is full: writes fail/,
  )
  assert.is(record(machine).level, 'full')

  freeBytes = 100 * MIB
  assert.is(look(), 0)
  assert.is(bytesOf(machine), 364 * MIB)
  assert.equal(
    [dmOf(machine, 'live-snapshot')?.overflow, dmOf(machine, 'live-rw')?.suspended],
    [false, false],
  )
})

/** A second entry, so that so many MiB are free. */
function useAnother(machine: MemoryMachine, freeMib: number): void {
  const entry = entryAt(machine.state, STORE)
  if (entry === undefined) return
  const [first, second] = [entry.start, usedUp(entry.bytes - freeMib * MIB)]
  entry.start = new Uint8Array([...first, ...second.subarray(16384)])
}

/** A machine whose holder has so much free, and its monitor. */
function onHolder(machine: MemoryMachine, freeBytes: number) {
  const holder = { freeBytes }
  const system = { ...machine, freeBytes: () => holder.freeBytes }
  return { holder, look: watchStore(system, serviceLog(system), storeOf(machine)) }
}

const APART = '/run/holdfast/apart'
const fills = ({ ran }: MemoryMachine) => ran.filter((line) => line.startsWith('mount -t ramfs'))
const standsBy = ({ state }: MemoryMachine) =>
  state.mounts.some((each) => each.mountPoint === APART)

test('where a store is to grow and cannot, what is needed to make writers wait is brought into RAM, and let go with room', () => {
  const roomy = usedSoThat(booted(), 200)
  onHolder(roomy, 0).look()
  assert.is(standsBy(roomy), false)
  const machine = usedSoThat(booted(), 20)
  const { holder, look } = onHolder(machine, 0)
  look()
  look()
  assert.is(fills(machine).length, 1)
  assert.ok(entryAt(machine.state, `${APART}/bin/dmsetup`))
  holder.freeBytes = 300 * MIB
  for (let looks = 0; looks < 10; looks++) look()
  assert.is(record(machine).level, 'well')
  assert.is(standsBy(machine), false)
})

test('then nothing stands between a look and the moment when writers wait: nothing is asked, nothing is copied', () => {
  const machine = usedSoThat(booted(), 20)
  const { holder, look } = onHolder(machine, 0)
  look()
  useAnother(machine, 10)
  holder.freeBytes = 300 * MIB
  machine.ran.splice(0)
  assert.is(look(), 0)
  const [first = '', ...others] = machine.ran
  assert.match(first, /^unshare /)
  assert.match(first, /suspend --nolockfs --noflush live-snapshot\nfallocate /)
  assert.not.match(first, /-t ramfs|\ncp /)
  assert.equal(others, [])
  assert.is(bytesOf(machine), 364 * MIB)
})

test('where nothing is prepared the store grows at once, and nobody waits', () => {
  const machine = usedSoThat(booted(), 20)
  machine.failOn = /^mount -t ramfs/
  const { holder, look } = onHolder(machine, 0)
  look()
  useAnother(machine, 10)
  holder.freeBytes = 300 * MIB
  machine.ran.splice(0)
  assert.is(look(), 0)
  assert.is(bytesOf(machine), 364 * MIB)
  assert.not.ok(machine.ran.some((line) => /^(unshare|mount|cp)/.test(line)))
})

test('what cannot be prepared is said once, and taken back', () => {
  const machine = usedSoThat(booted(), 20)
  machine.failOn = /^cp --sparse=never --target/
  const { look } = onHolder(machine, 0)
  for (let looks = 0; looks < 20; looks++) machine.sleep(look() ?? 0)
  assert.is(fills(machine).length, 2)
  assert.is(standsBy(machine), false)
  assert.is(machine.printed.stderr.match(/trying again/g)?.length, 1)
})

/** A store whose first entry has its data in the last chunk. */
function usedUp(bytes: number): Uint8Array {
  const start = new Uint8Array(16384 + 16)
  const last = bytes / 16384 - 1
  start.set([1, 0, 0, 0, 0, 0, 0, 0], 16384)
  start.set([last & 0xff, (last >> 8) & 0xff, last >> 16], 16384 + 8)
  return start
}

test('a root that starts no program any more is full when its store is, and everybody who can be told is', () => {
  const machine = usedSoThat(booted(), 0)
  const dead = {
    ...machine,
    freeBytes: () => 0,
    run: () => ({ status: 127, stdout: '', stderr: 'EIO: dmsetup', timedOut: false }),
  }
  const look = watchStore(dead, serviceLog(dead), storeOf(machine))
  assert.is(look(), 2000)
  assert.is(record(machine).level, 'full')
  assert.match(machine.readText('/run/motd.d/holdfast'), /the store is full: writes fail/)
})

test('a store whose file is gone is waited for', () => {
  const machine = booted()
  const look = watch(machine)
  machine.state.mounts.find(({ device }) => device === '8:16')?.tree.files.delete('/persist.img')
  assert.is(look(), 30_000)
  assert.is(look(), 30_000)
  assert.is(machine.printed.stderr.match(/cannot be read, trying again/g)?.length, 1)
})

test('what was lost to an error is said, and nothing is done to it', () => {
  const machine = booted()
  const status = { status: 0, stdout: '0 2097152 snapshot Invalid\n', stderr: '', timedOut: false }
  const lost = { ...machine, run: () => status }
  assert.is(watchStore(lost, serviceLog(lost), storeOf(machine))(), 60_000)
  assert.match(machine.printed.stderr, 'the store was lost to an error')
})

test.run()
