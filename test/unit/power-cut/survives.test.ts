import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { create } from '../../../src/commands/create.ts'
import { grow } from '../../../src/commands/grow.ts'
import { type Entry, file } from '../memory/state.ts'
import { ASKED, booted, copyOf, cuts, cutsOf, type Files, hashOf, vfat } from './cuts.ts'
import { describeStore, machineWith, recordIn, STORE, storeOf, treeOf } from './disk.ts'

// What holdfast writes is there wholly or not at all, wherever a power cut falls, whatever the disk had not kept yet.
const test = suite('power cut')

const MIB = 1 << 20

/** What the next boot makes of it: it comes up persistent, or this throws. */
const nextBoot = (files: Files, cmdline = ASKED) => describeStore(booted(files, cmdline))

const used = (chunkSectors: number, entries: number, bytes = 300 * MIB): Files =>
  booted(new Map([[STORE, storeOf(bytes, chunkSectors, entries)]]))

/** The kinds of disks that are left, each once. */
const kinds = (left: readonly Files[], kindOf: (files: Files) => string) =>
  [...new Set(left.map(kindOf))].sort()

test('a blank store is formatted: blank or empty, and the next boot takes it', () => {
  const { left } = cuts(new Map([[STORE, file(300 * MIB)]]), ASKED)
  assert.equal(
    kinds(left, (files) => describeStore(files).holds),
    ['0 entries', 'blank'],
  )
  for (const files of left) assert.is(nextBoot(files).holds, '0 entries')
})

test('the record is renewed: the old one or the new one, and the store is untouched', () => {
  const before = used(32, 40)
  const later = { ...machineWith(copyOf(before), ASKED), epochSeconds: () => 7 }
  const { left, after } = cutsOf(later, boot, {})
  assert.is.not(recordIn(after).text, recordIn(before).text)
  assert.equal(
    kinds(left, (files) => describeStore(files).holds),
    ['40 entries'],
  )
  const texts = [recordIn(before).text, recordIn(after).text].sort()
  assert.equal(
    kinds(left, (files) => recordIn(files).text),
    texts,
  )
})

test('of a torn write no entry comes back while it is cleared', () => {
  const torn = used(8, 40)
  const { start } = torn.get(STORE) as Entry
  start.copyWithin(4096 + 64 * 16, 4096 + 10 * 16, 4096 + 20 * 16)
  const { left, after } = cuts(torn, ASKED)
  assert.equal(
    kinds(left, (files) => describeStore(files).holds),
    ['40 entries'],
  )
  assert.ok(
    after
      .get(STORE)
      ?.start.subarray(4096 + 40 * 16, 8192)
      .every((byte) => byte === 0),
  )
  for (const files of left) assert.is(nextBoot(files).holds, '40 entries')
})

test('what destroyed entries leave behind the end of the list is cleared by nobody', () => {
  const damaged = used(8, 100)
  const { start } = damaged.get(STORE) as Entry
  start.fill(0, 4096 + 40 * 16, 4096 + 43 * 16)
  const why = 'entry 40 is empty, and the kernel would leave out all that follow, up to entry 99'
  for (const more of ['', ' rd.live.overlay.readonly']) {
    const machine = machineWith(copyOf(damaged), ASKED + more)
    assert.is(boot.run(machine, commandArgs(boot, {})), 4)
    assert.match(machine.printed.stderr, `'/dev/sdb:${STORE}' is damaged: ${why}`)
    assert.match(machine.printed.stderr, `holdfast recover --force /dev/sdb:${STORE}`)
    assert.is(hashOf(treeOf(machine).files), hashOf(damaged))
  }
  const machine = machineWith(copyOf(damaged), '')
  const growing = () => grow.run(machine, commandArgs(grow, { store: `/dev/sdb:${STORE}` }))
  assert.throws(growing, new RegExp(why))
  assert.is(hashOf(treeOf(machine).files), hashOf(damaged))
  const emptied = machineWith(copyOf(damaged), `${ASKED} rd.live.overlay.reset`)
  assert.is(boot.run(emptied, commandArgs(boot, {})), 0)
  assert.is(describeStore(treeOf(emptied).files).holds, '0 entries')
})

test('a store that grows at boot has its old length or its new one', () => {
  const before = new Map([[STORE, storeOf(8 * MIB, 32, 450)]])
  const { left, after } = cuts(before, ASKED)
  const { bytes } = describeStore(after)
  assert.ok(bytes > 64 * MIB)
  assert.equal(
    kinds(left, (files) => JSON.stringify(describeStore(files))),
    [8 * MIB, bytes].map((length) => `{"bytes":${length},"holds":"450 entries"}`).sort(),
  )
  for (const files of left) assert.equal(nextBoot(files), { bytes, holds: '450 entries' })
})

test('a store that grows in use has its old length or its new one, and counts for no more than is on the disk', () => {
  const machine = machineWith(new Map([[STORE, storeOf(8 * MIB, 32, 40)]]), ASKED)
  boot.run(machine, commandArgs(boot, {}))
  const { left } = cutsOf(machine, grow, { size: '32M' })
  assert.equal(
    kinds(left, (files) => JSON.stringify(describeStore(files))),
    [8, 32].map((mib) => `{"bytes":${mib * MIB},"holds":"40 entries"}`).reverse(),
  )
  for (const files of left) assert.is(nextBoot(files).holds, '40 entries')
})

for (const fallocate of [true, false]) {
  test(`a store that is made ${fallocate ? 'at once' : 'of zeros'} is whole under its name, or not there`, () => {
    const NEW = '/new.img'
    const options = { store: `/dev/sdb:${NEW}`, size: '10M' }
    const machine = machineWith(new Map([[`${NEW}.partial`, file(7)]]), '')
    const { left, after } = cutsOf(fallocate ? machine : vfat(machine), create, options)
    const whole = { bytes: 10 * MIB, holds: '0 entries' }
    assert.equal(describeStore(after, NEW), whole)
    assert.ok(left.some((files) => !files.has(NEW)))
    for (const files of left) {
      if (files.has(NEW)) assert.equal(describeStore(files, NEW), whole)
      else assert.equal(describeStore(cuts(files, '', create, options).after, NEW), whole)
    }
  })
}

const PER_SECTOR = 32
for (const [chunkSectors, entries] of [
  ...[1, 2, 8].flatMap((chunk) => [
    [chunk, 3],
    [chunk, 31],
    [chunk, chunk * PER_SECTOR],
    [chunk, chunk * PER_SECTOR + 40],
    [chunk, chunk * PER_SECTOR * 2 + 10],
  ]),
  [16, 552],
  [32, 3],
  [32, 40],
  [128, 40],
] as [number, number][]) {
  test(`a store of ${entries} entries in chunks of ${chunkSectors} sectors is emptied: all of them or none`, () => {
    const before = used(chunkSectors, entries)
    const { left, after } = cuts(before, `${ASKED} rd.live.overlay.reset`)
    assert.is(describeStore(after).holds, '0 entries')
    const all = `${entries} entries`
    assert.equal(
      kinds(left, (files) => describeStore(files).holds),
      ['0 entries', all].sort(),
    )
    for (const files of left) {
      const holds = nextBoot(files).holds
      assert.is(holds, describeStore(files).holds)
      // Once emptied it is not emptied again; what is not emptied is not said to be.
      if (recordIn(files).resetDone !== undefined) assert.is(holds, '0 entries')
    }
  })
}

test.run()
