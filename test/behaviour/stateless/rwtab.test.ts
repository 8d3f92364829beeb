import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { file, folder, link } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: rwtab')

const NAME = { '/var/lib/stateless/writable': 'scratch' }
const cmdline = 'readonlyroot'

accept(
  '5',
  'empty: a folder without content, of the same mode and owner, at each boot anew',
  {
    cmdline,
    image: {
      '/etc/rwtab': 'empty\t/srv/e\n',
      '/srv/e': folder({ mode: 0o1750, uid: 12, gid: 34 }),
      '/srv/e/text': 'x',
      '/srv/e/sub/.hidden': 'y',
    },
  },
  async (computer) => {
    for (let boots = 0; boots < 2; boots++) {
      const boot = await computer.boot()
      assert.equal(boot.mounts(), { '/srv/e': 'scratch', ...NAME })
      assert.equal(boot.names('/srv/e'), [])
      assert.is(boot.owned('/srv/e'), '1750 12:34')
      assert.is(boot.status, 0, boot.stderr)
      boot.sh('echo new > srv/e/text; mkdir srv/e/new')
    }
  },
)

accept(
  '6',
  'dirs: the folders of a tree, without files and links; a slash at the end does not matter',
  {
    cmdline,
    image: {
      '/etc/rwtab': '  dirs   /srv/d/\n',
      '/srv/d': folder({ mode: 0o711, uid: 5 }),
      '/srv/d/one': folder({ mode: 0o2770, gid: 50 }),
      '/srv/d/one/two': folder({ mode: 0o700 }),
      '/srv/d/one/text': 'x',
      '/srv/d/text': 'x',
      '/srv/d/to-folder': link('one'),
      '/srv/d/to-file': link('text'),
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/d': 'scratch', ...NAME })
    assert.equal(boot.names('/srv/d'), ['/one/', '/one/two/'])
    const owners = ['/srv/d', '/srv/d/one', '/srv/d/one/two'].map(boot.owned)
    assert.equal(owners, ['711 5:0', '2770 0:50', '700 0:0'])
    assert.ok(boot.isWritable('/srv/d/one/two'))
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '7',
  'files: a whole tree with one mount, also where a path in it is listed again',
  {
    cmdline,
    image: {
      '/etc/rwtab': 'files /srv/f\nfiles /srv/f/k/file\n',
      '/etc/rwtab.d/more': 'files /srv/f/k\nfiles /srv/f\n',
      '/srv/f': folder({ mode: 0o710, uid: 8, gid: 9 }),
      '/srv/f/k/file': file('nested', { mode: 0o600, uid: 7, gid: 6, mtime: 1_000_000_000 }),
      '/srv/f/link': link('/srv/f/k/file'),
      '/srv/f/.hidden': 'h',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/f': 'scratch', ...NAME })
    assert.equal(boot.names('/srv/f'), ['/.hidden', '/k/', '/k/file', '/link'])
    assert.is(boot.read('/srv/f/k/file'), 'nested')
    assert.equal(['/srv/f', '/srv/f/k/file'].map(boot.owned), ['710 8:9', '600 7:6'])
    assert.is(boot.mtimeMs('/srv/f/k/file'), 1_000_000_000_000)
    assert.ok(boot.isWritable('/srv/f/k/file'))
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '8',
  'empty on a file keeps its content; dirs on a file is not mounted, and the boot goes on',
  {
    cmdline,
    image: {
      '/etc/rwtab': 'empty /srv/file\ndirs /srv/other\nfiles /srv/last\n',
      '/srv/file': file('content', { mode: 0o640, uid: 3 }),
      '/srv/other': 'other',
      '/srv/last': 'last',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/file': 'scratch', '/srv/last': 'scratch', ...NAME })
    assert.is(boot.read('/srv/file'), 'content')
    assert.is(boot.owned('/srv/file'), '640 3:0')
    assert.ok(boot.isWritable('/srv/file'))
    assert.not(boot.isWritable('/srv/other'))
    assert.match(boot.stderr, '/etc/rwtab:2: /srv/other')
    assert.match(String(boot.status), /^[04]$/)
  },
)

accept(
  '12',
  "what dracut's other modules leave in /run/initramfs is listed and copied",
  {
    cmdline,
    run: {
      '/initramfs/rwtab': 'files /etc/resolv.conf\nempty /srv/net\n',
      '/initramfs/state/etc/resolv.conf': file('nameserver 192.0.2.1\n', { mode: 0o640 }),
      '/initramfs/state/srv/net/lease': 'lease',
      '/initramfs/state/srv/unlisted/file': 'not to be seen',
      '/initramfs/state/srv/other': 'not to be seen',
    },
    image: {
      '/etc/resolv.conf': '# image\n',
      '/srv/net/old': 'x',
      '/srv/unlisted/file': 'image',
      '/srv/other': 'image',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    const expected = { '/etc/resolv.conf': 'scratch', '/srv/net': 'scratch', ...NAME }
    assert.equal(boot.mounts(), expected)
    assert.is(boot.read('/etc/resolv.conf'), 'nameserver 192.0.2.1\n')
    assert.equal(boot.names('/srv/net'), ['/lease'])
    assert.is(boot.read('/srv/unlisted/file'), 'image')
    assert.is(boot.read('/srv/other'), 'image')
    assert.ok(boot.isWritable('/etc/resolv.conf') && boot.isWritable('/srv/net/lease'))
    assert.is(boot.status, 0, boot.stderr)
  },
)

run()
