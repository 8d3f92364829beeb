import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { commandArgs } from '../../../src/commands/command.ts'
import { recover } from '../../../src/commands/recover.ts'
import type { MemoryMachine } from '../memory/machine.ts'
import { addMount, directory, type Entry, file } from '../memory/state.ts'
import { ASKED, copyOf, cutsOf, type Files, hashOf, vfat } from './cuts.ts'
import { describeStore, machineWith, STORE, storeOf, treeOf } from './disk.ts'

// Every write of a recovery is cut. The old store is there, as it was or in its place cured; a boot comes up with it, or
// says how it is had; the same command once more ends it.
const test = suite('power cut of a recovery')

const MIB = 1 << 20
const OLD = `${STORE}.before-recovery`
const COPY = `${STORE}.recovery`
const CURED = '40 entries'

type Spoil = (start: Uint8Array) => void

const invalid: Spoil = (start) => {
  start[4] = 0
}
const torn: Spoil = (start) => start.copyWithin(4096 + 64 * 16, 4096 + 10 * 16, 4096 + 20 * 16)
const damaged: Spoil = (start) => start.copyWithin(4096 + 50 * 16, 4096 + 10 * 16, 4096 + 20 * 16)

function storeWith(...spoils: Spoil[]): Entry {
  const store = storeOf(8 * MIB, 8, 40)
  for (const spoil of spoils) spoil(store.start)
  return store
}

/** One whose last chunk is used: it grows. */
function fullStore(): Entry {
  const store = storeWith(invalid)
  const last = (8 * MIB) / 4096 - 1
  new DataView(store.start.buffer).setUint32(4096 + 39 * 16 + 8, last, true)
  return store
}

/** The machine after its boot: the device is mounted where the administrator works with its files. */
function mounted(files: Files): MemoryMachine {
  const machine = machineWith(copyOf(files), '')
  const tree = treeOf(machine)
  const at = {
    root: '/',
    mountPoint: '/mnt',
    device: '8:16',
    source: '/dev/sdb',
    fsType: tree.type,
  }
  machine.state.mounts[0]?.tree.files.set('/mnt', directory())
  addMount(machine.state, { ...at, options: ['rw'], superOptions: ['rw'], tree })
  return machine
}

/** The files on the device, without its root. */
function filesIn(machine: MemoryMachine): Files {
  return new Map([...treeOf(machine).files].filter(([, { kind }]) => kind === 'file'))
}

const namesOf = (files: Files) => [...files.keys()].filter((name) => name !== '/').sort()

interface Naming {
  readonly store: string
  readonly machine: (files: Files) => MemoryMachine
}

const NAMED: Readonly<Record<string, Naming>> = {
  'DEVICE:PATH': {
    store: `/dev/sdb:${STORE}`,
    machine: (files) => machineWith(copyOf(files), ''),
  },
  FILE: { store: `/mnt${STORE}`, machine: mounted },
  'DEVICE:PATH on vfat': {
    store: `/dev/sdb:${STORE}`,
    machine: (files) => vfat(machineWith(copyOf(files), '')),
  },
}

const isLike = (one: Entry | undefined, { bytes, start }: Entry) =>
  one?.bytes === bytes && Buffer.from(one.start).equals(start)

/** It comes up with the cured store, or says how it is had, and leaves everything as it is. Gives what it says then. */
function bootWith(files: Files): string {
  const machine = machineWith(copyOf(files), ASKED)
  const status = boot.run(machine, commandArgs(boot, {}))
  const { stderr } = machine.printed
  if (status === 0) {
    assert.is(describeStore(treeOf(machine).files).holds, CURED)
    return ''
  }
  assert.is(status, 4)
  assert.match(stderr, 'holdfast recover')
  assert.is(hashOf(filesIn(machine)), hashOf(files))
  return stderr
}

const stores: readonly (readonly [
  title: string,
  store: Entry,
  options: Record<string, boolean>,
])[] = [
  ['invalid', storeWith(invalid), {}],
  ['invalid and torn', storeWith(invalid, torn), {}],
  ['torn', storeWith(torn), {}],
  ['damaged, and what follows is given up', storeWith(damaged), { force: true }],
  ['full', fullStore(), {}],
]

for (const [how, { store, machine }] of Object.entries(NAMED)) {
  for (const [title, spoilt, more] of stores) {
    const options = { store, ...more }
    if (title.startsWith('damaged')) continue
    test(`${how}, in place, ${title}: as it was or cured`, () => {
      const inPlace = { ...options, 'in-place': true }
      const { left } = cutsOf(machine(new Map([[STORE, spoilt]])), recover, inPlace)
      for (const files of left) {
        assert.match(describeStore(files).holds, /^(marked invalid, )?40 entries$/)
        assert.equal(namesOf(files), [STORE])
        bootWith(files)
        const { after } = cutsOf(machine(files), recover, inPlace)
        assert.is(describeStore(after).holds, CURED)
      }
    })
  }

  for (const [title, spoilt, more] of stores) {
    const options: Record<string, unknown> = { store, ...more }
    const before: Files = new Map([
      [STORE, spoilt],
      [COPY, file(7)],
    ])
    test(`${how}, ${title}: the old store is there in whole, and asked again it is finished`, () => {
      const { left, after } = cutsOf(machine(before), recover, options)
      const said = left.map((files) => {
        assert.ok(isLike(files.get(STORE), spoilt) || isLike(files.get(OLD), spoilt))
        const words = bootWith(files)
        const asked = machine(files)
        const isDone = isLike(files.get(OLD), spoilt) && files.has(STORE)
        // Once it is done, --force would begin anew: that is refused, and the store said to be sound.
        const again = cutsOf(asked, recover, isDone ? { store } : options)
        if (isDone && options['force'])
          assert.throws(() => cutsOf(machine(files), recover, options), /is sound, and/)
        assert.equal(namesOf(again.after), [STORE, OLD], asked.printed.stderr)
        assert.is(describeStore(again.after).holds, CURED)
        assert.ok(isLike(again.after.get(OLD), spoilt))
        assert.is(bootWith(again.after), '')
        // Cut once more it is no worse.
        for (const cut of again.left) {
          assert.ok(isLike(cut.get(STORE), spoilt) || isLike(cut.get(OLD), spoilt))
        }
        return words
      })
      assert.is(bootWith(after), '')
      // Between the two names no store has its own.
      const between = left.findIndex((files) => !files.has(STORE))
      assert.match(said[between] ?? '', 'a recovery of it was interrupted')
      assert.match(said[between] ?? '', `Finish it with: holdfast recover /dev/sdb:${STORE}`)
    })
  }
}

test.run()
