import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { type Files, file, folder, link } from './tree.ts'
import { accessList } from './xattr.ts'

const { accept, run } = acceptanceSuite('stateless: statetab')

const NAMES = {
  '/var/lib/stateless/state': 'state',
  '/var/lib/stateless/writable': 'scratch',
}
const CONFIG: Files = { '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n' }
const EMPTY = { state: {} }
const LIST = accessList(1234, 6)

accept(
  '13',
  'the first boot copies a listed path as it is, and its folders; changes are there after a reboot',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': '# what is kept\n\n/srv/dir\n/srv/files/f1\n',
      '/srv': folder({ mode: 0o711, uid: 21, gid: 22 }),
      '/srv/dir': folder({ mode: 0o1770, uid: 1, gid: 2, mtime: 1_100_000_000 }),
      '/srv/dir/text': file('from the image', {
        mode: 0o640,
        uid: 3,
        gid: 4,
        mtime: 1_000_000_000,
        xattrs: { 'trusted.note': '0102', 'system.posix_acl_access': LIST },
      }),
      '/srv/dir/sub/link': link('../text'),
      '/srv/files': folder({ mode: 0o755 }),
      '/srv/files/f1': file('one', { mode: 0o604, uid: 5, gid: 6, mtime: 1_050_000_000 }),
      '/srv/files/f2': 'not listed',
    },
    disks: EMPTY,
  },
  async (computer) => {
    const first = await computer.boot()
    const expected = { '/srv/dir': 'state', '/srv/files/f1': 'state', ...NAMES }
    assert.equal(first.mounts('/srv/files/f1'), expected)
    assert.is(first.status, 0, first.stderr)
    const paths = ['/srv/dir', '/srv/dir/text', '/srv/files/f1']
    assert.equal(paths.map(first.owned), ['1770 1:2', '664 3:4', '604 5:6'])
    assert.equal(
      paths.map(first.mtimeMs),
      [1_100_000_000_000, 1_000_000_000_000, 1_050_000_000_000],
    )
    const attributes = { 'trusted.note': '0102', 'system.posix_acl_access': LIST }
    assert.equal(first.xattrs('/srv/dir/text'), attributes)
    assert.is(first.sh('readlink srv/dir/sub/link'), '../text\n')
    const onState = '/var/lib/stateless/state/srv'
    assert.equal([first.owned(onState), first.owned(`${onState}/dir`)], ['711 21:22', '1770 1:2'])
    first.sh('echo changed > srv/dir/text; echo new > srv/dir/new; rm srv/dir/sub/link')
    first.sh('echo changed > srv/files/f1')

    const second = await computer.boot()
    assert.equal(second.mounts('/srv/files/f1'), expected)
    assert.equal(second.names('/srv/dir'), ['/new', '/sub/', '/text'])
    const texts = ['/srv/dir/text', '/srv/dir/new', '/srv/files/f1', '/srv/files/f2']
    assert.equal(texts.map(second.read), ['changed\n', 'new\n', 'changed\n', 'not listed'])
    assert.equal(paths.map(second.owned), ['1770 1:2', '664 3:4', '604 5:6'])
    assert.is(second.status, 0, second.stderr)
  },
)

accept(
  '13',
  'the record has each path, and the line that lists it',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': '# nothing\nempty /srv/e\n',
      '/etc/statetab.d/one': '\n/srv/one\n',
      ...folders('e', 'one', 'two'),
    },
    disks: { state: { files: { '/files': '/srv/two\n' } } },
  },
  async (computer) => {
    const boot = await computer.boot()
    const { volatile = [], kept = [] } = boot.record() ?? {}
    assert.equal(
      volatile.map(({ path, origin }) => `${path} ${origin}`),
      ['/srv/e /etc/rwtab:2'],
    )
    assert.equal(kept.map(({ path, origin }) => `${path} ${origin}`).sort(), [
      '/srv/one /etc/statetab.d/one:2',
      '/srv/two files:1',
    ])
  },
)

accept(
  '14',
  'what is on the state device counts, and the image never overwrites it',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': '/srv/files/f2\n/srv/dir\n',
      '/srv/files/f2': 'from the image',
      '/srv/dir/one': 'from the image',
    },
    disks: {
      state: {
        files: {
          '/srv/files/f2': file('persisted', { mode: 0o600, uid: 9 }),
          '/srv/dir/two': 'persisted',
        },
      },
    },
  },
  async (computer) => {
    for (let boots = 0; boots < 2; boots++) {
      const boot = await computer.boot()
      const expected = { '/srv/dir': 'state', '/srv/files/f2': 'state', ...NAMES }
      assert.equal(boot.mounts('/srv/files/f2'), expected)
      assert.is(boot.read('/srv/files/f2'), 'persisted')
      assert.is(boot.owned('/srv/files/f2'), '600 9:0')
      assert.equal(boot.names('/srv/dir'), ['/two'])
      assert.is(boot.status, 0, boot.stderr)
      await computer.changeImage({ '/srv/files/f2': 'newer', '/srv/dir/three': 'newer' })
    }
  },
)

accept(
  '16',
  'a list on the state device replaces that of the image; one that the image lacks has no effect',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': '/srv/one\n',
      '/etc/statetab.d/x': '/srv/two\n',
      '/etc/statetab.d/z~': '/srv/five\n',
      ...folders('one', 'two', 'three', 'four', 'five'),
    },
    disks: {
      state: {
        files: { '/etc/statetab.d/x': '/srv/three\n', '/etc/statetab.d/y': '/srv/four\n' },
      },
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(withoutLists(boot.mounts()), {
      '/srv/one': 'state',
      '/srv/three': 'state',
      ...NAMES,
    })
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '16',
  'the statetab on the state device replaces that of the image',
  {
    image: { ...CONFIG, '/etc/statetab': '/srv/one\n', ...folders('one', 'two') },
    disks: { state: { files: { '/etc/statetab': '/srv/two\n' } } },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(withoutLists(boot.mounts()), { '/srv/two': 'state', ...NAMES })
    assert.is(boot.status, 0, boot.stderr)
  },
)

function folders(...names: string[]): Files {
  return Object.fromEntries(names.map((name) => [`/srv/${name}/text`, name]))
}

/** A list on the state device may be seen in its place, by a bind as in the original or by an overlay. That does not matter. */
function withoutLists(mounts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mounts).filter(([at, from]) => !(at.startsWith('/etc') && from !== 'scratch')),
  )
}

run()
