import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { probeBootTimes } from '../../../src/keeping/probe-boot-times.ts'
import { probeLost } from '../../../src/keeping/probe-lost.ts'
import type { RamLayer } from '../../../src/keeping/ram-layers.ts'
import type { FileStat } from '../../../src/machine/system.ts'
import { type Maps, mapSystem } from '../map-system.ts'

const test = suite('lost: the walk')

const STARTED = 1000
const RECORD = '/run/holdfast/boot.json'
/** A machine that started at 1000 and wrote its record at 1010, with these files. */
const machine = (stats: Record<string, Partial<FileStat>>, more: Maps = {}) =>
  mapSystem({
    ...more,
    texts: {
      '/proc/stat': `cpu 1 2\nbtime ${STARTED}\n`,
      [RECORD]: '{}',
      ...Object.fromEntries(Object.keys(stats).map((path) => [path, ''])),
    },
    stats: { [RECORD]: { modifiedSeconds: 1010 }, ...stats },
  })
const layer = (more: Partial<RamLayer> = {}): RamLayer => ({
  kind: 'copies',
  folder: '/var',
  name: '/var',
  words: 'tmpfs at /var',
  ...more,
})
/** The layers, and nothing that is apart from them. */
const only = (...layers: RamLayer[]) => ({ layers, apart: new Set<string>() })
const wish = { count: 20, volatileToo: false }
const changed = (bytes: number, changedSeconds = 2000): Partial<FileStat> => ({
  bytes,
  changedSeconds,
})
const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path)

test('the largest come first, of equals by path, and the total is of all', () => {
  const system = machine({
    '/var/b': changed(5),
    '/var/a': changed(5),
    '/var/d/c': changed(9),
    '/var/e': changed(1),
  })
  const { files, count, totalBytes } = probeLost(system, only(layer()), { ...wish, count: 3 })
  assert.equal(paths(files), ['/var/d/c', '/var/a', '/var/b'])
  assert.equal([count, totalBytes], [4, 20])
})

test('a copy made at boot is none, whatever its content: one of its times is younger once it is changed', () => {
  const system = machine({
    '/var/copy': { bytes: 1, modifiedSeconds: 5, changedSeconds: 1010 },
    '/var/written': { bytes: 1, modifiedSeconds: 1011, changedSeconds: 1011 },
    '/var/unpacked': { bytes: 1, modifiedSeconds: 5, changedSeconds: 1011 },
  })
  assert.equal(paths(probeLost(system, only(layer()), wish).files), [
    '/var/unpacked',
    '/var/written',
  ])
})

test('on a root whose store is in RAM what changed since the kernel started is the guess', () => {
  const system = machine({
    '/sysroot/etc/old': changed(1, 1000),
    '/sysroot/etc/early': changed(1, 1001),
    '/sysroot/tmp/x': changed(1),
  })
  const root = layer({ kind: 'root', folder: '/sysroot', name: '/' })
  assert.equal(paths(probeLost(system, only(root), wish).files), ['/etc/early'])
  const everything = probeLost(system, only(root), { ...wish, volatileToo: true })
  assert.equal(paths(everything.files), ['/etc/early', '/tmp/x'])
})

test('all of an upper layer counts, a whiteout as a removal and no other device at all', () => {
  const system = machine(
    { '/up/u/new': changed(3, 0), '/up/u/gone': { names: '0:0' }, '/up/u/null': { names: '1:3' } },
    { kinds: { '/up/u/gone': 'character', '/up/u/null': 'character' } },
  )
  const { files } = probeLost(
    system,
    only(layer({ kind: 'upper', folder: '/up/u', name: '/media' })),
    wish,
  )
  assert.equal(
    files.map(({ path, removed }) => [path, removed]),
    [
      ['/media/new', false],
      ['/media/gone', true],
    ],
  )
})

test('what is apart is not entered, and links are not followed', () => {
  const system = machine(
    { '/var/mnt/x': changed(1), '/var/link': changed(4), '/var/y': changed(1) },
    { kinds: { '/var/link': 'symlink' }, links: { '/var/link': '/var/mnt' } },
  )
  const { files, entries } = probeLost(
    system,
    { layers: [layer()], apart: new Set(['/var/mnt']) },
    wish,
  )
  assert.equal(paths(files), ['/var/link', '/var/y'])
  assert.is(entries, 3)
})

test('a file with two names counts once', () => {
  const same = { ...changed(7), inode: 5, links: 2 }
  const { count, totalBytes } = probeLost(
    machine({ '/var/a': same, '/var/b': same }),
    only(layer()),
    wish,
  )
  assert.equal([count, totalBytes], [1, 7])
})

test('it stops after so many entries, of all layers together, and says so', () => {
  const system = machine({ '/var/a': changed(1), '/var/b': changed(1), '/srv/c': changed(1) })
  const two = only(layer(), layer({ folder: '/srv', name: '/srv' }))
  const { entries, stopped, count } = probeLost(system, two, wish, 4)
  assert.equal([entries, stopped, count], [4, true, 2])
  assert.is(probeLost(system, two, wish, 5).stopped, false)
})

test('a layer that is one file is that file', () => {
  const { files } = probeLost(
    machine({ '/etc/f': changed(2) }),
    only(layer({ folder: '/etc/f', name: '/etc/f' })),
    wish,
  )
  assert.equal(paths(files), ['/etc/f'])
})

test('without a record, or when the clock was set back since, what came after the start of the kernel counts', () => {
  const times = (recorded: number | undefined) =>
    probeBootTimes(
      mapSystem({
        texts: { '/proc/stat': 'btime 1000\n', ...(recorded !== undefined && { [RECORD]: '' }) },
        stats: { [RECORD]: { modifiedSeconds: recorded ?? 0 } },
      }),
    )
  assert.equal(times(undefined), { startedSeconds: 1000, copiedSeconds: 1000 })
  assert.equal(times(1010), { startedSeconds: 1000, copiedSeconds: 1010 })
  assert.equal(times(9000), { startedSeconds: 1000, copiedSeconds: 1000 })
  // Set forward since: btime goes with the clock, the times of files do not.
  assert.equal(times(50), { startedSeconds: 50, copiedSeconds: 50 })
})

test.run()
