import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type View, viewOf } from '../../../src/machine/resolve-inside.ts'
import { bindOf, type KeptPath } from '../../../src/stateless/kept-path.ts'
import { parseStatetab } from '../../../src/stateless/parse-statetab.ts'
import { joinPaths } from '../../../src/stateless/plan-paths.ts'
import { planSeeding } from '../../../src/stateless/plan-seeding.ts'
import { planState, type StatePlan } from '../../../src/stateless/plan-state.ts'
import { orderMounts, planTable } from '../../../src/stateless/plan-table.ts'
import { probeStatetabPath } from '../../../src/stateless/probe-paths.ts'
import { lines, stepsOf } from '../script-of.ts'
import { type Node, treeSystem } from './tree-system.ts'

const test = suite('state')

const root = viewOf('/sysroot')
const ST = '/run/initramfs/holdfast-state'
const COPY = `sh -c 'cd "$0" && exec cp -a --parents -- "$@"'`
/** /etc is on scratch. */
const view: View = (path) => (/^\/etc(\/|$)/.test(path) ? `/scratch${path}` : root(path))

function plan(statetab: string, files: Record<string, Node>, foreign: string[] = []): StatePlan {
  const moved = Object.entries(files).map(([path, node]) => {
    const [, onState] = /^ST(\/.*)$/.exec(path) ?? []
    return [onState === undefined ? view(path) : `${ST}${onState}`, node]
  })
  const system = treeSystem(Object.fromEntries(moved))
  const facts = parseStatetab(statetab, '/etc/statetab').entries.map((entry) =>
    probeStatetabPath(system, view, entry, (path) => path.startsWith('/etc/'), ST),
  )
  const asked = { hindrance: undefined, deleted: [] }
  return planState(view, facts, foreign, ['/var/state'], true, asked)
}

const pathsOf = ({ paths }: StatePlan) => paths.map(({ path }) => path)

test('what the device has is mounted, what it lacks is copied first', () => {
  const found = plan('/srv/dir\n/srv/file\n/srv/new', {
    '/srv/dir/x': 'x',
    '/srv/file': 'x',
    '/srv/new/x': 'x',
    'ST/srv/dir/x': 'x',
    'ST/srv/file': 'x',
  })
  assert.equal(found.seeds, ['/srv/new'])
  assert.equal(found.prepare, [])
  const shown = found.mounts.map(({ path, source, options }) => `${source} ${path} ${options}`)
  const [layer, ...others] = shown.sort().reverse()
  assert.equal(others.reverse(), [
    `${ST}/srv/dir /srv/dir bind,slave`,
    `${ST}/srv/new /srv/new bind,slave`,
  ])
  assert.match(layer ?? '', /^holdfast-files \/srv lowerdir=\/sysroot\/srv,/)
  assert.equal([found.remarks, found.shortfalls], [[], []])
})

test('a path once, a folder before what lies in it, and what lies in a kept folder is kept with it', () => {
  const files = { '/srv/dir/a/b': 'x', '/srv/dirs': 'x' }
  assert.equal(pathsOf(plan('/srv/dir/a\n/srv/dirs\n/srv/dir\n/srv/dir\n/srv/dir/a/b', files)), [
    '/srv/dir',
    '/srv/dirs',
  ])
})

test('what only the device has gets a place where one can be made', () => {
  const found = plan('/etc/new/file\n/etc/folder\n/srv/folder', {
    'ST/etc/new/file': 'x',
    'ST/etc/folder/x': 'x',
    'ST/srv/folder/x': 'x',
  })
  assert.equal(pathsOf(found), ['/etc/folder', '/etc/new/file'])
  assert.is(
    stepsOf(found.prepare),
    lines(
      'mkdir -p /scratch/etc/folder',
      'mkdir -p /scratch/etc/new',
      "printf %s '' > /scratch/etc/new/file",
    ),
  )
  assert.equal(found.shortfalls, [
    '/etc/statetab:3: /srv/folder is left out: it is on the state device, and the root, which is read-only, has no place for it',
  ])
})

test('what cannot be is missed, and takes no other with it', () => {
  const found = plan(
    '/\n/proc/x\n/srv/link\n/srv/dangling\n/srv/clash\n/srv/pipe\n/usr\n/var/state/x\n/srv/bad\n/no\n/srv/ok',
    {
      '/srv/link': { link: 'ok' },
      '/srv/dangling': { link: 'nowhere' },
      '/srv/clash/x': 'x',
      'ST/srv/clash': 'x',
      '/srv/pipe': { kind: 'fifo' },
      '/usr/local/x': 'x',
      '/var/state/x': 'x',
      '/srv/bad': 'x',
      'ST/srv/bad': { kind: 'block' },
      '/srv/ok': 'x',
    },
    ['/usr/local'],
  )
  assert.equal(pathsOf(found), ['/srv/ok'])
  const why = (line: number, path: string, text: string) =>
    `/etc/statetab:${line}: ${path} is left out: ${text}`
  assert.equal(found.shortfalls, [
    why(1, '/', 'the root itself cannot be listed'),
    why(2, '/proc/x', 'another file system is mounted there in every boot'),
    why(3, '/srv/link', 'it is a symbolic link: list what it leads to'),
    why(4, '/srv/dangling', 'it is a symbolic link: list what it leads to'),
    why(5, '/srv/clash', 'it is a directory, and a file on the state device'),
    why(6, '/srv/pipe', 'it is a fifo'),
    why(7, '/usr', '/usr/local is mounted below it and would be hidden'),
    why(8, '/var/state/x', '/var/state is the place of RW_MOUNT or STATE_MOUNT'),
    why(9, '/srv/bad', 'on the state device /srv/bad is a block there'),
  ])
  assert.equal(found.remarks, [
    why(
      10,
      '/no',
      'neither the root nor the state device has it; what is made there does not go to the state device in this boot',
    ),
  ])
})

test('of a path that cannot be and lies in one that is kept nothing is said', () => {
  const found = plan('/srv\n/srv/link', { '/srv/link': { link: 'x' }, '/srv/x': 'x' })
  assert.equal([pathsOf(found), found.shortfalls], [['/srv'], []])
})

test('a copy is whole on the disk before it gets its name, and comes from where the path is seen', () => {
  const tops: Record<string, string> = { '/etc/a': '/etc', '/etc/b': '/etc' }
  assert.is(
    stepsOf(planSeeding(view, ['/etc/a', '/srv/c d', '/etc/b'], (path) => tops[path] ?? path)),
    lines(
      `rm -rf --one-file-system ${ST}/.holdfast-seed`,
      `mkdir -p ${ST}/.holdfast-seed`,
      `${COPY} /scratch etc/a etc/b ${ST}/.holdfast-seed`,
      `${COPY} /sysroot 'srv/c d' ${ST}/.holdfast-seed`,
      `sync -f ${ST}`,
      `mv -f ${ST}/.holdfast-seed/etc ${ST}/etc`,
      `mv -f '${ST}/.holdfast-seed/srv/c d' '${ST}/srv/c d'`,
      `rm -rf --one-file-system ${ST}/.holdfast-seed`,
      `sync -f ${ST}`,
    ),
  )
  assert.equal(
    planSeeding(view, [], (path) => path),
    [],
  )
})

const shown = (path: string, lasts: KeptPath['lasts'], kind: KeptPath['kind'] = 'directory') =>
  bindOf(
    { path, kind, lasts, mode: 'bind', origin: { file: 'f', line: 1 } },
    `/${lasts}${path}`,
    false,
  )

test('what is kept counts more than scratch, and scratch below it is mounted on top', () => {
  const kept = [shown('/a', 'state'), shown('/c', 'state')]
  const others = [
    shown('/a', 'boot'),
    shown('/a/b', 'boot'),
    shown('/', 'boot'),
    shown('/c/link', 'boot'),
    shown('/c/none', 'boot'),
    shown('/c/file', 'boot', 'file'),
  ]
  const { mounts, shortfalls } = joinPaths(kept, others, (path) => {
    if (path === '/c/link') return { kind: 'unfit', why: '/c/link is a symlink there' }
    if (path === '/c/none') return { kind: 'missing', top: path }
    return { kind: 'directory', path }
  })
  assert.equal(
    orderMounts(mounts).map(({ path, source }) => `${path} ${source}`),
    ['/ /boot/', '/a /state/a', '/a/b /boot/a/b', '/c /state/c'],
  )
  assert.equal(shortfalls, [
    '/c/link is not mounted: on the state device /c/link is a symlink there',
    '/c/none is not mounted: the state device has no directory there',
    '/c/file is not mounted: the state device has no file there',
  ])
})

test('all mounts are one table for one program', () => {
  assert.equal(planTable(root, []), [])
  assert.is(
    stepsOf(planTable(root, [shown('/a b', 'state'), shown('/c', 'boot')])),
    lines(
      'mkdir -p /run/holdfast',
      "printf %s '/state/a\\040b /sysroot/a\\040b none bind 0 0",
      '/boot/c /sysroot/c none bind 0 0',
      "' > /run/holdfast/stateless.fstab",
      'mount --no-canonicalize -a -T /run/holdfast/stateless.fstab',
    ),
  )
})

test.run()
