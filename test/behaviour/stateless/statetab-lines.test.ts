import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { type Files, link } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: the lines of statetab')

const NAMES = {
  '/var/lib/stateless/state': 'state',
  '/var/lib/stateless/writable': 'scratch',
}
const CONFIG: Files = { '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n' }
const EMPTY = { state: {} }

accept(
  '17',
  'a path with spaces is one path',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': '  /srv/with space/and more  \n',
      '/srv/with space/and more/text': 'x',
      ...folders('with'),
    },
    disks: EMPTY,
  },
  async (computer) => {
    const first = await computer.boot()
    assert.equal(first.mounts(), { '/srv/with space/and more': 'state', ...NAMES })
    assert.is(first.status, 0, first.stderr)
    first.sh('echo changed > "srv/with space/and more/text"')
    assert.is((await computer.boot()).read('/srv/with space/and more/text'), 'changed\n')
  },
)

accept(
  '18',
  'the older dialect, a word before the path or several paths a line, is understood with a warning',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': 'dirs /srv/ssh\n/srv/one /srv/two\n',
      '/etc/statetab.d/more': '/srv/three\n',
      ...folders('ssh', 'one', 'two', 'three'),
    },
    disks: EMPTY,
  },
  async (computer) => {
    const boot = await computer.boot()
    const paths = ['/srv/ssh', '/srv/one', '/srv/two', '/srv/three']
    const expected = Object.fromEntries(paths.map((path) => [path, 'state']))
    assert.equal(boot.mounts(), { ...expected, ...NAMES })
    assert.match(boot.stderr, /\/etc\/statetab:1\b/)
    assert.match(boot.stderr, /\/etc\/statetab:2\b/)
    assert.not.match(boot.stderr, 'statetab.d/more')
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '19',
  'links and a clash of file and folder: a warning, no mount, all others as listed, degraded (deviation)',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': '/srv/link\n/srv/dangling\n/srv/clash\n/srv/clash2\n/srv/last\n',
      '/srv/link': link('last'),
      '/srv/dangling': link('/not/there'),
      '/srv/clash/text': 'folder in the image',
      '/srv/clash2': 'file in the image',
      ...folders('last'),
    },
    disks: { state: { files: { '/srv/clash': 'file', '/srv/clash2/text': 'folder' } } },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/last': 'state', ...NAMES })
    for (const path of ['/srv/link', '/srv/dangling', '/srv/clash', '/srv/clash2']) {
      assert.match(boot.stderr, new RegExp(`${path}\\b`))
    }
    assert.is(boot.read('/srv/clash/text'), 'folder in the image')
    assert.is(boot.status, 4)
    assert.ok(boot.record()?.why)
  },
)

accept(
  '20',
  'a folder listed after what is in it, and twice: one tree on the state device, no hidden mount (deviation)',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': '/srv/p/c\n/srv/p\n/srv/p/\n/srv//p/c\n',
      '/etc/statetab.d/again': '/srv/p\n',
      '/srv/p/c/text': 'child',
      '/srv/p/text': 'parent',
    },
    disks: EMPTY,
  },
  async (computer) => {
    const first = await computer.boot()
    const { '/srv/p/c': _, ...mounts } = first.mounts()
    assert.equal(mounts, { '/srv/p': 'state', ...NAMES })
    assert.equal(first.names('/srv/p'), ['/c/', '/c/text', '/text'])
    assert.is(first.status, 0, first.stderr)
    first.sh('echo changed > srv/p/c/text')
    await computer.switchOff()
    assert.is(computer.disk('state').sh('grep -rlx changed .'), './srv/p/c/text\n')
    assert.is((await computer.boot()).read('/srv/p/c/text'), 'changed\n')
  },
)

accept(
  '21',
  'below an rwtab folder state counts more than scratch, and is copied from what scratch shows',
  {
    run: { '/initramfs/state/srv/v/kept/text': 'from the initramfs' },
    image: {
      ...CONFIG,
      '/etc/rwtab': 'files /srv/v\n',
      '/etc/statetab': '/srv/v/kept\n',
      '/srv/v/kept/text': 'from the image',
      '/srv/v/other': 'other',
    },
    disks: EMPTY,
  },
  async (computer) => {
    const first = await computer.boot()
    assert.equal(first.mounts(), { '/srv/v': 'scratch', '/srv/v/kept': 'state', ...NAMES })
    assert.is(first.read('/srv/v/kept/text'), 'from the initramfs')
    assert.is(first.status, 0, first.stderr)
    first.sh('echo kept > srv/v/kept/new; echo lost > srv/v/new')
    const second = await computer.boot()
    assert.equal(second.names('/srv/v'), ['/kept/', '/kept/new', '/kept/text', '/other'])
  },
)

function folders(...names: string[]): Files {
  return Object.fromEntries(names.map((name) => [`/srv/${name}/text`, name]))
}

run()
