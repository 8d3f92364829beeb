import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { viewOf } from '../../../src/machine/resolve-inside.ts'
import { parseRwtab } from '../../../src/stateless/parse-rwtab.ts'
import {
  planScratch,
  planScratchCopies,
  planScratchRemoval,
  type ScratchPlan,
} from '../../../src/stateless/plan-scratch.ts'
import { probeRwtabPath } from '../../../src/stateless/probe-paths.ts'
import { lines, stepsOf } from '../script-of.ts'
import { type Node, treeSystem } from './tree-system.ts'

const test = suite('scratch')

const root = viewOf('/sysroot')
const S = '/run/initramfs/holdfast-scratch'
const COPY = `sh -c 'cd "$0" && exec cp -a --parents -- "$@"'`

function plan(rwtab: string, files: Record<string, Node>, foreign: string[] = []): ScratchPlan {
  const inRoot = Object.entries(files).map(([path, node]) => [`/sysroot${path}`, node])
  const system = treeSystem(Object.fromEntries(inRoot))
  const facts = parseRwtab(rwtab, '/etc/rwtab').entries.map((entry) =>
    probeRwtabPath(system, root, entry),
  )
  return planScratch(facts, foreign, ['/var/rw', '/var/state'], [])
}

const stepsFor = ({ folders, copies, initial }: ScratchPlan) => [
  ...folders,
  ...planScratchCopies(root, copies),
  ...initial,
]
const pathsOf = ({ paths }: ScratchPlan) => paths.map(({ path }) => path)

test('folders by mode and owner, files in one copy, from the root to the same places', () => {
  const found = plan('empty /e\ndirs /d\nfiles /f\nempty /file\nfiles /g/h', {
    '/e': { kind: 'directory', mode: 0o1750, uid: 3 },
    '/d/one/two/text': 'x',
    '/d': { kind: 'directory', mode: 0o700 },
    '/f/text': 'x',
    '/file': 'x',
    '/g/h': 'x',
  })
  assert.is(
    stepsOf(stepsFor(found)),
    lines(
      `install -d --mode=00700 --owner=0 --group=0 -- ${S}/d`,
      `install -d --mode=00644 --owner=0 --group=0 -- ${S}/d/one ${S}/d/one/two`,
      `install -d --mode=01750 --owner=3 --group=0 -- ${S}/e`,
      `${COPY} /sysroot f file g/h ${S}`,
    ),
  )
  assert.equal(
    found.paths.map(({ path, kind, origin }) => `${path} ${kind} ${origin.line}`),
    ['/d directory 2', '/e directory 1', '/f directory 3', '/file file 4', '/g/h file 5'],
  )
})

test('only the topmost is a path of its own, a path once, and the first kind that was given counts', () => {
  const found = plan('files /f/k/file\nempty /f\nfiles /f\nfiles /f.d/x', {
    '/f/k/file': 'x',
    '/f.d/x': 'x',
  })
  assert.equal(pathsOf(found), ['/f.d/x', '/f'])
  assert.match(stepsOf(stepsFor(found)), `install -d --mode=00644 --owner=0 --group=0 -- ${S}/f\n`)
  assert.match(stepsOf(stepsFor(found)), `${COPY} /sysroot f.d/x f/k/file ${S}`)
})

test('what cannot be: missed, or only said, or not even that', () => {
  const found = plan(
    'files /missing\nfiles /\nfiles /dev/x\nfiles /link\ndirs /file\nfiles /pipe\nfiles /usr\nfiles /var/rw/x\nfiles /ok',
    {
      '/link': { link: 'ok' },
      '/file': 'x',
      '/pipe': { kind: 'fifo' },
      '/usr/local/x': 'x',
      '/var/rw/x': 'x',
      '/dev/x': 'x',
      '/ok': 'x',
    },
    ['/usr/local'],
  )
  assert.equal(pathsOf(found), ['/ok'])
  assert.equal(found.shortfalls, [
    '/etc/rwtab:2: / is left out: the root itself cannot be listed',
    '/etc/rwtab:7: /usr is left out: /usr/local is mounted below it and would be hidden',
    '/etc/rwtab:8: /var/rw/x is left out: /var/rw is the place of RW_MOUNT or STATE_MOUNT',
  ])
  assert.equal(found.remarks, [
    '/etc/rwtab:3: /dev/x is left out: another file system is mounted there in every boot',
    '/etc/rwtab:4: /link is left out: it is a symbolic link: list what it leads to',
    '/etc/rwtab:5: /file is left out: it is a file, and dirs is for directories',
    '/etc/rwtab:6: /pipe is left out: it is a fifo',
  ])
})

test('a mount of somebody else at the path itself is covered, and above it does not matter', () => {
  const files = { '/usr/local/x': 'x' }
  assert.equal(pathsOf(plan('files /usr/local', files, ['/usr/local'])), ['/usr/local'])
  assert.equal(pathsOf(plan('files /usr/local/x', files, ['/usr'])), ['/usr/local/x'])
})

test("what dracut's modules have left is laid over the copies", () => {
  const found = planScratch([], [], [], ['/etc', '/var'])
  assert.is(stepsOf(stepsFor(found)), lines(`${COPY} /run/initramfs/state etc var ${S}`))
})

test('what a copy that failed has left is removed', () => {
  assert.is(
    stepsOf(planScratchRemoval(['/a', '/b c'])),
    `rm -rf --one-file-system ${S}/a '${S}/b c'\n`,
  )
})

test.run()
