import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resolveFileInside, resolveInside, viewOf } from '../../../src/machine/resolve-inside.ts'
import { probeRwtab, probeStatetab } from '../../../src/stateless/probe-lists.ts'
import { probeKept, probeRwtabPath, probeStatetabPath } from '../../../src/stateless/probe-paths.ts'
import { type Node, treeSystem } from './tree-system.ts'

const test = suite('stateless probes')

const root = viewOf('/sysroot')
const inRoot = (files: Record<string, Node>) =>
  Object.fromEntries(Object.entries(files).map(([path, node]) => [`/sysroot${path}`, node]))

test('links of folders are followed inside the root, the last part is not', () => {
  const system = treeSystem({
    ...inRoot({
      '/usr/lib/place/x': 'x',
      '/way': { link: '/usr/lib/place' },
      '/up': { link: '../../../../usr' },
      '/usr/again': { link: 'lib/../../way' },
      '/usr/absolute': { link: '/way' },
      '/circle': { link: 'circle2' },
      '/circle2': { link: '/circle' },
      '/file': 'x',
    }),
    '/way/x': 'the initramfs',
  })
  const resolved = (path: string) => resolveInside(system, root, path)
  assert.is(resolved('/way/x'), '/usr/lib/place/x')
  assert.is(resolved('/up/lib'), '/usr/lib')
  assert.is(resolved('/usr/again/x'), '/usr/lib/place/x')
  assert.is(resolved('/usr/absolute/x'), '/usr/lib/place/x')
  assert.is(resolved('/way'), '/way')
  assert.is(resolved('/missing/a/b'), '/missing/a/b')
  assert.is(resolved('/../../etc'), '/etc')
  assert.equal(['/circle/x', '/file/x', '/missing/../a'].map(resolved), [
    undefined,
    undefined,
    undefined,
  ])
  assert.is(resolveFileInside(system, root, '/usr/again'), '/usr/lib/place')
  assert.is(resolveFileInside(system, root, '/circle'), undefined)
})

test('the lists of rwtab: the file, its folder by name, and what dracut has listed', () => {
  const system = treeSystem({
    ...inRoot({
      '/etc/rwtab': 'files /one',
      '/etc/rwtab.d/b': 'files /three',
      '/etc/rwtab.d/a': { link: '/usr/list' },
      '/usr/list': 'files /two\nempty x',
      '/etc/rwtab.d/c~': 'files /no',
      '/etc/rwtab.d/folder/x': 'files /no',
    }),
    '/run/initramfs/rwtab': 'empty /four',
    '/etc/rwtab': 'files /no',
    '/usr/list': 'files /no',
  })
  const { entries, remarks } = probeRwtab(system, root)
  assert.equal(
    entries.map(({ path, file }) => `${path} ${file}`),
    [
      '/one /etc/rwtab',
      '/two /etc/rwtab.d/a',
      '/three /etc/rwtab.d/b',
      '/four /run/initramfs/rwtab',
    ],
  )
  assert.is(remarks.length, 1)
})

test('the lists of statetab: one on the state device takes the place of the root’s, and is kept itself', () => {
  const files = {
    ...inRoot({
      '/etc/statetab': '/one',
      '/etc/statetab.d/a': '/two',
      '/etc/statetab.d/b': '/three',
      '/etc/statetab.d/c': '/four',
    }),
    '/st/etc/statetab.d/a': '/other',
    '/st/etc/statetab.d/b': { link: '/etc/shadow' },
    '/st/etc/statetab.d/unknown': '/no',
    '/st/files': '/five\n/six',
  }
  const listed = (folder: string | undefined) =>
    probeStatetab(treeSystem(files), root, folder).entries.map(
      ({ path, file, line }) => `${path} ${file}:${line}`,
    )
  assert.equal(listed(undefined), [
    '/one /etc/statetab:1',
    '/two /etc/statetab.d/a:1',
    '/three /etc/statetab.d/b:1',
    '/four /etc/statetab.d/c:1',
  ])
  assert.equal(listed('/st'), [
    '/one /etc/statetab:1',
    '/etc/statetab.d/a /etc/statetab.d/a:0',
    '/other /etc/statetab.d/a:1',
    '/three /etc/statetab.d/b:1',
    '/four /etc/statetab.d/c:1',
    '/five files:1',
    '/six files:2',
  ])
})

test('a list of files that is a link on the state device is not read', () => {
  const system = treeSystem({ '/st/files': { link: '/etc/list' }, '/etc/list': '/no' })
  assert.equal(probeStatetab(system, root, '/st').entries, [])
})

test('a listed folder: itself for empty, the tree of folders for dirs, nothing for files', () => {
  const system = treeSystem(
    inRoot({
      '/d': { kind: 'directory', mode: 0o1750, uid: 7 },
      '/d/a/b': { kind: 'directory' },
      '/d/a/file': 'x',
      '/d/link': { link: 'a' },
    }),
  )
  const found = (seed: 'empty' | 'dirs' | 'files', path = '/d') =>
    probeRwtabPath(system, root, { path, file: 'f', line: 1, seed })
  assert.equal(
    found('dirs').folders.map(({ path }) => path),
    ['/d', '/d/a', '/d/a/b'],
  )
  assert.equal(found('empty').folders, [{ path: '/d', mode: 0o1750, uid: 7, gid: 0 }])
  assert.equal(found('files').folders, [])
  assert.equal(
    [found('empty', '/d/a/file').kind, found('empty', '/d/a/file').folders],
    ['file', []],
  )
  assert.is(found('empty', '/no').kind, 'missing')
})

test('of what lies on a state device no link is followed, and only files, folders and what a link says are of use', () => {
  const system = treeSystem({
    '/st/a/file': 'x',
    '/st/a/folder/x': 'x',
    '/st/link': { link: '/etc' },
    '/st/etc/shadow': { link: '/dev/sda' },
    '/st/a/disk': { kind: 'block' },
    '/st/a/pipe': { kind: 'fifo' },
  })
  const kept = (path: string) => probeKept(system, '/st', path)
  assert.equal(kept('/a/file'), { kind: 'file', path: '/a/file' })
  assert.equal(kept('/a/folder'), { kind: 'directory', path: '/a/folder' })
  assert.equal(kept('/a/new/deep/er'), { kind: 'missing', top: '/a/new' })
  assert.equal(kept('/b'), { kind: 'missing', top: '/b' })
  assert.equal(kept('/link/shadow'), { kind: 'unfit', why: '/link is a symlink there' })
  // What it says is all that is known of it: see kept-link.test.ts for where that is of use.
  assert.equal(kept('/etc/shadow'), { kind: 'link', path: '/etc/shadow', target: '/dev/sda' })
  assert.equal(kept('/a/file/x'), { kind: 'unfit', why: '/a/file is a file there' })
  assert.equal(kept('/a/disk'), { kind: 'unfit', why: '/a/disk is a block there' })
  assert.equal(kept('/a/pipe'), { kind: 'unfit', why: '/a/pipe is a fifo there' })
})

test('a path that is listed through a link is kept by the name that it has, or had in the original', () => {
  const files = inRoot({ '/way': { link: '/usr/place' }, '/usr/place/x': 'x' })
  const entry = { path: '/way/x', file: 'f', line: 1 }
  const found = (more: Record<string, Node>) =>
    probeStatetabPath(treeSystem({ ...files, ...more }), root, entry, () => false, '/st')
  assert.equal(found({}).path, '/usr/place/x')
  assert.equal(found({}).kept, { kind: 'missing', top: '/usr' })
  assert.equal(found({ '/st/way/x': 'x' }).kept, { kind: 'file', path: '/way/x' })
  assert.equal(found({ '/st/way/x': 'x', '/st/usr/place/x': 'x' }).kept, {
    kind: 'file',
    path: '/usr/place/x',
  })
})

test.run()
