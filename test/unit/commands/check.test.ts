import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { check } from '../../../src/commands/check.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { CommandError, RefusedError, UsageError } from '../../../src/errors.ts'
import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { neverOverflowBytes } from '../../../src/formats/never-overflow.ts'
import { planLook } from '../../../src/overlay/plan-look.ts'
import { disk, factsOf } from '../facts-of.ts'
import { imageStart } from '../image-start.ts'
import { type Maps, mapSystem } from '../map-system.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { describe, file } from '../memory/state.ts'
import { stepsOf } from '../script-of.ts'

const test = suite('check')

const MIB = 2 ** 20
const USED = '/dev/sdb:/used.img'

function machine(scenario = 'a used store'): MemoryMachine {
  const state = scenarios[scenario]?.state()
  if (state === undefined) throw new Error(`no such scenario: ${scenario}`)
  return memoryMachine(state)
}

function run(system: MemoryMachine, store: string, json = false): number {
  return check.run(system, commandArgs(check, { store, json }))
}

test('a store on a device that is not mounted: through a read-only loop, and all is let go', () => {
  const system = machine()
  const before = describe(system.state)
  assert.is(run(system, USED), 0)
  assert.equal(system.ran, [
    'losetup --find --show --read-only /dev/sdb',
    'mount -t auto -o ro,noatime /dev/loop0 /run/holdfast/check',
    'umount /run/holdfast/check',
    'losetup --detach /dev/loop0',
  ])
  assert.equal(describe(system.state), before)
  assert.match(system.printed.stdout, /^SOUND +the kernel can be given it$/m)
})

test('one on a device that is mounted is read where it is', () => {
  const system = machine('a store on the medium')
  assert.is(run(system, USED), 0)
  assert.equal(system.ran, [])
})

test('what is refused is let go, too, and the report has gone out before', () => {
  const system = machine()
  const tree = system.state.disks.find(({ name }) => name === 'sdb')?.tree
  tree?.files.set('/used.img', file(300 * MIB, [...formatCowHeader(8).fill(0, 4, 8)]))
  const before = describe(system.state)
  assert.throws(() => run(system, USED, true), refusedWith(/marked invalid/))
  assert.equal(describe(system.state), before)
  const report = JSON.parse(system.printed.stdout)
  assert.equal(
    [report.verdict, report.header.valid, report.file.bytes],
    ['refused', false, 300 * MIB],
  )
  assert.match(report.why, 'is marked invalid')
})

test('whatever fails on the way, the machine is as it was', () => {
  for (let k = 1; k <= 3; k++) {
    const system = machine()
    system.failAt = k
    const before = describe(system.state)
    assert.throws(
      () => run(system, USED),
      (error: Error) => error instanceof CommandError,
    )
    assert.equal(describe(system.state), before)
  }
})

function refusedWith(why: RegExp) {
  return (error: Error) => error instanceof RefusedError && why.test(error.message)
}

for (const [store, why] of [
  ['/dev/sdb', /name the store's path too/],
  ['/nothing.img', /there is no such file; and '\/nothing\.img' is not a device/],
] as const) {
  test(`${store} names no store`, () => {
    const isIt = (error: Error) => error instanceof UsageError && why.test(error.message)
    assert.throws(() => run(machine(), store), isIt)
  })
}

test('a device that is not there is refused', () => {
  assert.throws(() => run(machine(), '/dev/sdz:/x'), refusedWith(/^there is no device \/dev\/sdz$/))
})

const BASE = { type: 'ext4', uuid: 'u', sectors: 2048, fingerprint: '811c9dc5-811c9dc5' }
const RECORD = { version: 1, base: BASE, chunkSectors: 8, createdSeconds: 1, lastUsedSeconds: 2 }

/** What is said of a store of that many bytes at /p/s.img, with no record where its text is empty, and with which exit status. */
function report(
  bytes: number,
  more: Maps = {},
  entries: readonly (readonly [number, number])[] = [[5, 2]],
  chunkSectors = 8,
) {
  const start = new Uint8Array(bytes)
  start.set(formatCowHeader(chunkSectors))
  const view = new DataView(start.buffer)
  const perArea = chunkSectors * 32
  for (const [index, [oldChunk, newChunk]] of entries.entries()) {
    const area = 1 + Math.floor(index / perArea) * (perArea + 1)
    const at = area * chunkSectors * 512 + (index % perArea) * 16
    view.setUint32(at, oldChunk, true)
    view.setUint32(at + 8, newChunk, true)
  }
  const texts: Record<string, string> = {
    '/p/s.img.holdfast': JSON.stringify(RECORD),
    ...more.texts,
  }
  if (texts['/p/s.img.holdfast'] === '') delete texts['/p/s.img.holdfast']
  const system = mapSystem({
    bytes: { '/p/s.img': start },
    ...more,
    texts,
    stats: { '/p/s.img': { allocatedSectors: bytes / 512 }, ...more.stats },
  })
  const args = commandArgs(check, { store: '/p/s.img', json: true })
  let status: number
  try {
    status = check.run(system, args)
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    status = error.exitStatus
  }
  const printed = system.printed.join('').replace(/^stdout: /, '')
  return { ...JSON.parse(printed), status }
}

const NEVER = neverOverflowBytes(2048, 8)

test('one that cannot overflow, and one that can', () => {
  const whole = report(NEVER)
  assert.equal([whole.status, whole.neverOverflows, whole.exceptions], [0, true, 1])
  assert.equal(whole.usedBytes + whole.freeBytes, NEVER)
  assert.equal(report(NEVER - 4096).neverOverflows, false)
  assert.equal(report(NEVER, { texts: { '/p/s.img.holdfast': '{}' } }).neverOverflows, null)
})

test('sparse, nearly full, full, without a record: it could be attached, and that should be known', () => {
  const sparse = report(NEVER, { stats: { '/p/s.img': { allocatedSectors: 8 } } })
  assert.equal([sparse.status, sparse.file.sparse, sparse.remarks.length], [4, true, 1])
  const crowded = Array.from({ length: 18 }, (_, entry) => [entry, 2 + entry] as const)
  assert.match(report(21 * 4096, {}, crowded).remarks.join(), 'nearly full (95 %)')
  assert.match(report(20 * 4096, {}, crowded).remarks.join(), 'it is full')
  const adopted = report(NEVER, { texts: { '/p/s.img.holdfast': '' } })
  assert.equal([adopted.status, adopted.base], [4, null])
  assert.match(adopted.remarks.join(), 'it has no record of its base')
  assert.is(report(NEVER, { texts: { '/p/s.img.holdfast': '' } }, []).status, 0)
})

test('a record that cannot be used is no permission', () => {
  const broken = report(NEVER, { texts: { '/p/s.img.holdfast': '{' } })
  assert.equal([broken.status, broken.verdict], [3, 'refused'])
  assert.match(broken.why, 'the record beside')
  const empty = report(NEVER, { texts: { '/p/s.img.holdfast': '{' } }, [])
  assert.equal([empty.status, empty.verdict], [4, 'degraded'])
})

test('a hole in the list far from its end: boot does not see it, and the kernel would lose what follows', () => {
  const entries = Array.from({ length: 70 }, (_, entry): [number, number] => [
    entry,
    2 + entry + Math.floor(entry / 32),
  ])
  assert.is(report(100 * 512, {}, entries, 1).exceptions, 70)
  const holed = report(
    100 * 512,
    {},
    entries.map((each, index) => (index === 5 ? [0, 0] : each)),
    1,
  )
  assert.is(holed.status, 3)
  assert.match(
    holed.why,
    'entry 5 is empty, and the kernel would leave out all that follow, up to entry 69',
  )
})

test('what follows the end of the list is of a torn write, or behind damage', () => {
  const withEntryAt = (index: number) =>
    report(NEVER, {}, [
      [5, 2],
      ...Array.from({ length: index - 1 }, (): [number, number] => [0, 0]),
      [6, 3],
    ])
  const torn = withEntryAt(32)
  assert.equal([torn.status, torn.exceptions], [4, 1])
  assert.match(torn.remarks.join(), 'a power cut tore a write')
  const damaged = withEntryAt(33)
  assert.equal([damaged.status, damaged.exceptions], [3, 1])
  assert.match(
    damaged.why,
    'entry 1 is empty, and the kernel would leave out all that follow, up to entry 33',
  )
  assert.match(damaged.hint, 'holdfast recover --force /p/s.img')
})

/** A machine with that base at /dev/mapper/live-base, in sysfs as the kernel shows it. */
function withBase(sectors: number, base = imageStart('ext4', 1 << 17)): Maps {
  const sys = '/sys/class/block/dm-0'
  const texts = {
    [`${sys}/size`]: `${sectors}\n`,
    [`${sys}/dev`]: '254:0\n',
    [`${sys}/dm/name`]: 'live-base\n',
  }
  const start = new Uint8Array(NEVER)
  start.set(formatCowHeader(8))
  start.set([5, 0, 0, 0, 0, 0, 0, 0, 2], 4096)
  return { texts, bytes: { '/dev/dm-0': base, '/p/s.img': start } }
}

/** A report of a store whose record is of the base that is here. */
function reportSame(maps: Maps) {
  const { device: _, ...base } = report(NEVER, maps).baseHere
  const record = JSON.stringify({ ...RECORD, base })
  return report(NEVER, { ...maps, texts: { ...maps.texts, '/p/s.img.holdfast': record } })
}

test('of a base that does not show whether it was written to no check says that the store fits', () => {
  const { status, baseMatches, remarks } = reportSame(withBase(2048, imageStart('fat32', 1 << 17)))
  assert.equal([status, baseMatches], [4, true])
  assert.match(
    remarks.join(),
    'whether its base was written to while it was not in use cannot be told: vfat',
  )
})

test('the base that is here is told from the one of the record', () => {
  const another = report(NEVER, withBase(2048))
  assert.equal([another.status, another.baseMatches], [4, false])
  assert.match(another.remarks.join(), 'the base that is here is another one: /dev/dm-0')
  const { device, ...base } = another.baseHere
  assert.is(device, '/dev/dm-0')
  assert.equal(Object.keys(base), ['type', 'label', 'uuid', 'sectors', 'fingerprint'])
  const same = reportSame(withBase(2048))
  assert.equal([same.status, same.baseMatches], [0, true])
})

const journals: readonly (readonly [
  type: 'ext2' | 'ext4' | 'xfs' | 'btrfs' | 'vfat',
  options: string,
])[] = [
  ['ext2', 'ro,noatime'],
  ['ext4', 'ro,noatime,noload'],
  ['xfs', 'ro,noatime,norecovery'],
  ['btrfs', 'ro,noatime,rescue=nologreplay'],
  ['vfat', 'ro,noatime'],
]
for (const [type, options] of journals) {
  test(`${type} is looked at without a write: ${options}`, () => {
    const device = disk('sdb', '8:16', type)
    const script = stepsOf(planLook(factsOf([device]), 'X', device).steps)
    assert.match(script, `mount -t ${type} -o ${options} "$holder" /run/holdfast/check`)
  })
}

test('a journal that is left as it is, is said', () => {
  const device = disk('sdb', '8:16', 'ext4', { content: { type: 'ext4', needsRecovery: true } })
  assert.is(planLook(factsOf([device]), 'X', device).behindJournal, true)
})

test('a device of which a part is mounted is not mounted a second time', () => {
  const device = disk('sdb', '8:16', 'btrfs')
  const facts = factsOf([device], ['20 1 0:44 /@home /home rw - btrfs /dev/sdb rw'])
  assert.throws(() => planLook(facts, 'X', device), refusedWith(/is mounted at \/home/))
})

test('what no file system is on is refused', () => {
  const device = disk('sdb', '8:16', 'crypto_LUKS')
  assert.throws(() => planLook(factsOf([device]), 'X', device), refusedWith(/is encrypted/))
})

test('a store that is attached is told with what stands on it, and twice is refused', () => {
  const sys = (n: number) => `/sys/class/block/loop${n}`
  const attachedBy = (...numbers: number[]) =>
    report(NEVER, {
      texts: Object.fromEntries(
        numbers.flatMap((n) => [
          [`${sys(n)}/size`, '8\n'],
          [`${sys(n)}/dev`, `7:${n}\n`],
          [`${sys(n)}/loop/backing_file`, '/p/s.img\n'],
          [`${sys(n)}/holders/dm-9`, ''],
        ]),
      ),
    })
  const once = attachedBy(3)
  assert.equal(once.attached, [{ node: '/dev/loop3', users: ['dm-9'] }])
  assert.is(once.status, 0)
  const twice = attachedBy(3, 4)
  assert.is(twice.status, 3)
  assert.match(twice.why, 'attached twice, to /dev/loop3 and /dev/loop4')
})

test.run()
