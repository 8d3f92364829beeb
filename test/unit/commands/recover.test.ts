import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandArgs } from '../../../src/commands/command.ts'
import { recover } from '../../../src/commands/recover.ts'
import { ExpectedError, RefusedError, UsageError } from '../../../src/errors.ts'
import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { neverOverflowBytes } from '../../../src/formats/never-overflow.ts'
import { readBaseIdentity } from '../../../src/overlay/base-identity.ts'
import { imageStart } from '../image-start.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { describe, type Entry, file } from '../memory/state.ts'

const test = suite('recover')

const NAME = '/dev/sdb:/used.img'
const WORK = '/run/holdfast/recover/used.img'
const MIB = 2 ** 20
const CHUNKS = 76800
const BYTES = CHUNKS * 4096
/** Of the 1 GiB that sdb has. */
const FREE = 600 * MIB
const BASE = '/dev/sda2'
const BASE_SECTORS = 2 ** 21

const image = imageStart('ext4', 1 << 17)
const readBase = (offset: number, length: number) => image.slice(offset, offset + length)

interface Spoilt {
  invalid?: boolean
  full?: boolean
  torn?: boolean
  /** A hole that ends within a sector. */
  holed?: boolean
  recorded?: boolean
}

/** A machine with a base on sda2, and a store that was made for it on sdb. */
function machine(spoilt: Spoilt): MemoryMachine {
  const made = memoryMachine((scenarios['a used store'] as (typeof scenarios)[string]).state())
  const others = made.readBytes
  made.readBytes = (path, offset, length) =>
    path === BASE ? readBase(offset, length) : others(path, offset, length)
  made.freeBytes = () => FREE
  const [top] = made.state.mounts
  for (const name of ['env', 'dmsetup', 'losetup', 'e2fsck'])
    top?.tree.files.set(`/usr/sbin/${name}`, file(0))
  files(made).set('/used.img', storeOf(spoilt))
  if (spoilt.recorded ?? true) {
    const text = JSON.stringify({
      version: 1,
      base: readBaseIdentity(readBase, BASE_SECTORS),
      chunkSectors: 8,
      createdSeconds: 1,
      lastUsedSeconds: 2,
    })
    files(made).set('/used.img.holdfast', file(text.length, [...new TextEncoder().encode(text)]))
  }
  return made
}

function storeOf({ invalid, full, torn, holed }: Spoilt): Entry {
  const store = file(BYTES)
  const start = new Uint8Array(8192)
  start.set(formatCowHeader(8))
  if (invalid) start[4] = 0
  const view = new DataView(start.buffer)
  const put = (entry: number, oldChunk: number, newChunk: number) => {
    view.setUint32(4096 + entry * 16, oldChunk, true)
    view.setUint32(4096 + entry * 16 + 8, newChunk, true)
  }
  put(0, 7, full ? CHUNKS - 1 : 2)
  if (torn) put(32, 9, 40)
  if (holed) put(5, 9, 40)
  store.start = start
  return store
}

function files({ state }: MemoryMachine): Map<string, Entry> {
  const found = state.disks.find(({ name }) => name === 'sdb')?.tree?.files
  if (found === undefined) throw new Error('there is no sdb')
  return found
}

const run = (system: MemoryMachine, options: Record<string, unknown> = {}, store = NAME) =>
  recover.run(system, commandArgs(recover, { store, ...options }))
const refuses = (body: () => unknown, reason: RegExp, hint = /./) =>
  assert.throws(
    body,
    (error: Error) =>
      error instanceof RefusedError && reason.test(error.message) && hint.test(error.hint),
  )
const valid = (entry: Entry | undefined) => entry?.start[4]
const bytesAt = (entry: Entry | undefined, at: number) => entry?.start[at]
const changing = ({ ran }: MemoryMachine) =>
  ran.filter((line) => !/^(mount|umount|losetup .*sdb|losetup --detach \/dev\/loop0$)/.test(line))

test('invalid, torn and full: a copy is grown, cleared, marked, checked, and gets the place', () => {
  const system = machine({ invalid: true, full: true, torn: true })
  assert.is(run(system), 0)
  const grown = neverOverflowBytes(BASE_SECTORS, 8)
  const left = FREE - BYTES - 4 * MIB
  const most = Math.min(grown, BYTES + left)
  const [old, cured] = [
    files(system).get('/used.img.before-recovery'),
    files(system).get('/used.img'),
  ]
  assert.equal([valid(old), valid(cured)], [0, 1])
  assert.equal([bytesAt(old, 4096 + 32 * 16), bytesAt(cured, 4096 + 32 * 16)], [9, 0])
  assert.equal([old?.bytes, cured?.bytes], [BYTES, Math.floor(most / 4096) * 4096])
  assert.not(files(system).has('/used.img.recovery'))
  assert.equal(changing(system).slice(-8), [
    `cp --reflink=auto --sparse=never ${WORK} ${WORK}.recovery`,
    `fallocate --offset ${BYTES} --length ${(cured?.bytes ?? 0) - BYTES} ${WORK}.recovery`,
    `losetup --find --show --read-only ${BASE}`,
    `losetup --find --show --nooverlap ${WORK}.recovery`,
    `env DM_DISABLE_UDEV=1 dmsetup create holdfast-recovery --uuid holdfast-holdfast-recovery --table 0 ${BASE_SECTORS} snapshot /dev/loop0 /dev/loop1 PO 8`,
    'e2fsck -f -p /dev/mapper/holdfast-recovery',
    'env DM_DISABLE_UDEV=1 dmsetup remove --retry --noudevsync holdfast-recovery',
    'losetup --detach /dev/loop1',
  ])
  const said = system.printed.stderr
  for (const word of [
    'marked invalid',
    'a power cut tore a write',
    'it is full',
    'it grows from 300 MiB',
  ]) {
    assert.match(said, word)
  }
  assert.match(system.printed.stdout, /^SOUND /)
})

test('all is let go: no mount, no device is left', () => {
  const system = machine({ invalid: true })
  const rest = (lines: string[]) => lines.filter((line) => !line.includes('used.img'))
  const before = rest(describe(system.state))
  run(system)
  assert.equal(rest(describe(system.state)), before)
})

test('a store with which nothing is wrong is only looked at', () => {
  const system = machine({})
  const before = describe(system.state)
  assert.is(run(system), 0)
  assert.equal(describe(system.state), before)
  assert.equal(changing(system), [])
  assert.match(system.printed.stderr, 'is sound: there is nothing to recover')
  assert.match(system.printed.stdout, /^SOUND /)
})

test('with --force the file system of a sound store is checked, and all of it repaired', () => {
  const system = machine({})
  assert.is(run(system, { force: true }), 0)
  assert.ok(system.ran.includes('e2fsck -f -y /dev/mapper/holdfast-recovery'))
  assert.ok(files(system).has('/used.img.before-recovery'))
})

/**
 * Fails each change once, and shows the machine with the reason. The first five are the look, of which the last two let go:
 * where these fail that is said, and the rest is done. Four take the turn, and the last of all lets it go.
 */
function failEach(
  options: Record<string, unknown>,
  look: (system: MemoryMachine, before: string[], failed: string) => void,
): void {
  const whole = machine({ invalid: true, full: true, torn: true })
  run(whole, options)
  for (let k = 10; k < whole.changes; k++) {
    const system = machine({ invalid: true, full: true, torn: true })
    const before = describe(system.state)
    system.failAt = k
    try {
      run(system, options)
    } catch (error) {
      assert.instance(error, ExpectedError)
      look(system, before, `change ${k} of ${whole.changes}: ${error}`)
      continue
    }
    assert.unreachable(`change ${k} did not fail`)
  }
  assert.ok(whole.changes > 20)
}

test('whichever step fails, the store and the machine are as they were', () => {
  failEach({}, (system, before, failed) => {
    assert.equal(describe(system.state), before, failed)
    const store = files(system).get('/used.img')
    assert.equal(
      [store?.bytes, valid(store), bytesAt(store, 4096 + 32 * 16)],
      [BYTES, 0, 9],
      failed,
    )
  })
})

test('in place the store may be longer then, and is refused as before', () => {
  failEach({ 'in-place': true }, (system, _before, failed) => {
    assert.is(valid(files(system).get('/used.img')), 0, failed)
    const left = system.state.disks.map(({ name }) => name)
    assert.equal(left, ['sda2', 'sdb'], failed)
  })
})

test('in place there is no copy, neither before nor afterwards', () => {
  const system = machine({ invalid: true, full: true })
  assert.is(run(system, { 'in-place': true }), 0)
  assert.not(system.ran.some((line) => line.startsWith('cp ')))
  assert.equal(
    [...files(system).keys()].filter((path) => path.startsWith('/used')),
    ['/used.img', '/used.img.holdfast'],
  )
  assert.is(valid(files(system).get('/used.img')), 1)
})

test('what follows destroyed entries is given up with --force alone, and kept in the old store', () => {
  const system = machine({ holed: true })
  const before = describe(system.state)
  const reason = /is damaged: entry 1 is empty, and the kernel would leave out .* up to entry 5$/
  for (const asked of [{}, { 'dry-run': true }, { 'in-place': true }]) {
    refuses(() => run(system, asked), reason, /With --force, .*used\.img\.before-recovery/)
  }
  refuses(() => run(system, { force: true, 'in-place': true }), reason, /not --in-place/)
  assert.equal(describe(system.state), before)
  assert.equal(changing(system), [])
  assert.is(run(system, { force: true }), 0)
  assert.match(system.printed.stderr, /entry 1 is empty.*: what follows is given up/)
  assert.is(bytesAt(files(system).get('/used.img.before-recovery'), 4096 + 5 * 16), 9)
  assert.is(bytesAt(files(system).get('/used.img'), 4096 + 5 * 16), 0)
  assert.ok(system.ran.includes('e2fsck -f -y /dev/mapper/holdfast-recovery'))
})

test('marked invalid and damaged: the same, and then both are cured', () => {
  const system = machine({ invalid: true, holed: true })
  refuses(() => run(system), /entry 1 is empty/, /With --force/)
  assert.is(run(system, { force: true }), 0)
  const cured = files(system).get('/used.img')
  assert.equal([valid(cured), bytesAt(cured, 4096 + 5 * 16)], [1, 0])
})

test('a dry run prints it all, and changes nothing', () => {
  const system = machine({ invalid: true, full: true, torn: true })
  const before = describe(system.state)
  assert.is(run(system, { 'dry-run': true }), 0)
  assert.equal(describe(system.state), before)
  for (const line of [
    `cp --reflink=auto --sparse=never ${WORK} ${WORK}.recovery`,
    `dd if=/dev/zero of=${WORK}.recovery bs=16 seek=288 count=1 conv=notrunc,fsync`,
    `base=$(losetup --find --show --read-only ${BASE})`,
    'e2fsck -f -p /dev/mapper/holdfast-recovery || [ $? -eq 1 ]',
    `mv -f ${WORK} ${WORK}.before-recovery`,
    'umount /run/holdfast/recover',
  ]) {
    assert.ok(system.printed.stdout.split('\n').includes(line), line)
  }
})

test('what fsck does not repair by itself is refused, with its words, and --force is named', () => {
  const system = machine({ invalid: true })
  const before = describe(system.state)
  const others = system.run
  const stdout = 'ROOT: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n'
  system.run = (argv, limit) =>
    argv[0] === 'e2fsck' ? { status: 4, stdout, stderr: '', timedOut: false } : others(argv, limit)
  refuses(() => run(system), /Failed to check the file system .*: ROOT: UNEXPECTED/, /--force/)
  assert.equal(describe(system.state), before)
})

test('an fsck that fails otherwise is an error, and all is as it was', () => {
  const system = machine({ invalid: true })
  const before = describe(system.state)
  system.failOn = /^e2fsck/
  assert.throws(() => run(system), /Failed to check the file system .*: e2fsck: does not work/)
  assert.equal(describe(system.state), before)
})

test('a copy that is invalid again after fsck does not get the place', () => {
  const system = machine({ invalid: true })
  const before = describe(system.state)
  const others = system.run
  system.run = (argv, limit) => {
    const copy = files(system).get('/used.img.recovery')
    if (argv[0] === 'e2fsck' && copy) copy.start[4] = 0
    return others(argv, limit)
  }
  assert.throws(() => run(system), /^Failed to cure it: '.*\.recovery' is marked invalid/)
  assert.equal(describe(system.state), before)
})

test('behind a journal that is to be replayed a look decides nothing, but for a dry run', () => {
  const refusedOnDisk = (options: Record<string, unknown>) => {
    const system = machine({ invalid: true })
    const dirty = image.slice()
    dirty[1024 + 0x60] = (dirty[1024 + 0x60] ?? 0) | 4
    const others = system.readBytes
    system.readBytes = (path, at, length) =>
      path === '/dev/sdb' ? dirty.slice(at, at + length) : others(path, at, length)
    refuses(() => run(system, options, '/dev/sdb:/none.img'), /^there is no file/)
    return system.ran.includes('mount -t ext4 -o rw,noatime /dev/sdb /run/holdfast/recover')
  }
  assert.equal([refusedOnDisk({}), refusedOnDisk({ 'dry-run': true })], [true, false])
})

test('another base than the recorded one is refused, both named, and the store is as it was', () => {
  const system = machine({ invalid: true })
  const before = describe(system.state)
  refuses(
    () => run(system, { base: '/dev/sdb' }),
    /was made for another base \(ext4.*\), \/dev\/sdb is unknown/,
  )
  assert.equal(describe(system.state), before)
  refuses(() => run(system, { base: '/dev/none' }), /^there is no device \/dev\/none$/)
})

test('without a base, or without e2fsck, the rest is done, and it says so', () => {
  const unrecorded = machine({ invalid: true, recorded: false })
  assert.is(run(unrecorded), 4)
  assert.match(unrecorded.printed.stderr, 'is not checked: the store has no record of its base')
  assert.is(valid(files(unrecorded).get('/used.img')), 1)
  const system = machine({ invalid: true })
  system.state.mounts[0]?.tree.files.delete('/usr/sbin/e2fsck')
  assert.is(run(system), 4)
  assert.match(system.printed.stderr, 'is not checked: there is no e2fsck here')
  const given = machine({ invalid: true, recorded: false })
  assert.is(run(given, { base: BASE }), 0)
})

test('where device-mapper cannot be loaded the rest is done', () => {
  const system = machine({ invalid: true })
  const stat = system.stat
  system.stat = (path) => stat(path === '/dev/mapper/control' ? '/none' : path)
  system.failOn = /^modprobe/
  assert.is(run(system), 4)
  assert.match(system.printed.stderr, "is not checked: Failed to load the modules 'dm_mod'")
})

test('no room for a copy: refused with the bytes, before anything is changed', () => {
  const system = machine({ invalid: true })
  system.freeBytes = () => BYTES
  refuses(
    () => run(system),
    new RegExp(`takes ${BYTES + 4 * MIB} bytes \\(304 MiB\\) beside it, and ${BYTES} are free`),
    /--in-place/,
  )
  assert.not(system.ran.some((line) => line.startsWith('cp ')))
  assert.is(run(system, { 'in-place': true }), 0)
})

test('an old store that is there is not overwritten', () => {
  const system = machine({ invalid: true })
  files(system).set('/used.img.before-recovery', file(1))
  refuses(() => run(system), /\.before-recovery' is there already, from an earlier recovery/)
})

test('what a power cut left between the two names is finished', () => {
  const system = machine({ invalid: true })
  const store = files(system).get('/used.img') as Entry
  files(system).delete('/used.img')
  refuses(() => run(system), /^there is no file/)
  files(system).set('/used.img.before-recovery', store)
  files(system).set('/used.img.recovery', storeOf({ invalid: true }))
  refuses(
    () => run(system),
    /used\.img\.recovery' is marked invalid/,
    /^Rename .*before-recovery to/,
  )
  assert.not(files(system).has('/used.img'))
  files(system).set('/used.img.recovery', storeOf({}))
  const seen = run(system, { 'dry-run': true })
  assert.is(seen, 0)
  assert.match(system.printed.stdout, `mv -f ${WORK}.recovery ${WORK}\n`)
  system.printed.stdout = ''
  assert.is(run(system), 0)
  assert.is(valid(files(system).get('/used.img')), 1)
  assert.not(files(system).has('/used.img.recovery'))
  assert.match(system.printed.stdout, /^SOUND /)
})

test('a half-made copy of an earlier run is thrown away', () => {
  const system = machine({ invalid: true })
  files(system).set('/used.img.recovery', file(5))
  assert.is(run(system), 0)
  assert.is(files(system).get('/used.img')?.bytes, BYTES)
})

test('the report is JSON with the keys of check, and not with a dry run', () => {
  const system = machine({ invalid: true })
  assert.is(run(system, { json: true }), 0)
  const report = JSON.parse(system.printed.stdout)
  assert.equal([report.verdict, report.header.valid, report.exceptions], ['sound', true, 1])
  assert.throws(
    () => run(machine({}), { json: true, 'dry-run': true }),
    (error: Error) => error instanceof UsageError,
  )
})

test('no store, an image, a store that is cut off: refused as by check', () => {
  refuses(() => run(machine({}), {}, '/dev/sdb:/none.img'), /^there is no file/)
  refuses(() => run(machine({}), {}, '/dev/sdb:/layers.img'), /begins like ext4/)
  const cut = machine({ full: true, invalid: true })
  const entry = files(cut).get('/used.img')
  if (entry) entry.bytes = 64 * 4096
  refuses(() => run(cut), /entry 0 has its data in chunk 76799, the file has 64/)
})

test.run()
