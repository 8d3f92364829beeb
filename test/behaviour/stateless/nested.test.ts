import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import type { Files } from './tree.ts'

const { accept, run } = acceptanceSuite(
  'stateless: listed paths, and mounts, above and below one another',
)

const NAMES = { '/var/lib/stateless/state': 'state', '/var/lib/stateless/writable': 'scratch' }
const CONFIG: Files = { '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n' }
const EMPTY = { state: {} }

accept(
  '20',
  'a volatile path below a kept one, and the same path in both lists',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': 'empty /srv/kept/cache\nfiles /srv/both\n',
      '/etc/statetab': '/srv/kept\n/srv/both\n',
      '/srv/kept/text': 'kept',
      '/srv/kept/cache/text': 'cache',
      '/srv/both/text': 'both',
    },
    disks: EMPTY,
  },
  async (computer) => {
    for (const _ of ['first', 'second']) {
      const boot = await computer.boot()
      const { '/srv/kept/cache': cache, ...mounts } = boot.mounts()
      assert.equal(mounts, { '/srv/kept': 'state', '/srv/both': 'state', ...NAMES })
      assert.is(cache, 'scratch')
      assert.equal(boot.names('/srv/kept/cache'), [])
      assert.is(boot.status, 0, boot.stderr)
      boot.sh('echo lost > srv/kept/cache/new')
    }
  },
)

accept(
  '20',
  'the names of scratch and state below a volatile path',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': 'files /var\n',
      '/etc/statetab': '/var/lib/kept\n',
      '/var/lib/kept/text': 'kept',
      '/var/other': 'other',
    },
    disks: EMPTY,
  },
  async (computer) => {
    for (const _ of ['first', 'second']) {
      const boot = await computer.boot()
      assert.equal(boot.mounts(), { '/var': 'scratch', '/var/lib/kept': 'state', ...NAMES })
      assert.ok(boot.isWritable('/var/other'))
      assert.is(boot.status, 0, boot.stderr)
    }
  },
)

accept(
  '20',
  'a file system that is mounted below the root already: paths on it, and around it',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': 'empty /opt/one\nfiles /srv\n',
      '/etc/statetab': '/opt/two\n',
      '/opt/.keep': '',
      '/srv/text': 'image',
      '/srv/other/.keep': '',
    },
    disks: { state: {}, opt: { files: { '/one/text': '1', '/two/text': '2' } }, other: {} },
    before: 'mount -o ro LABEL=@opt@ /sysroot/opt; mount LABEL=@other@ /sysroot/srv/other',
  },
  async (computer) => {
    const boot = await computer.boot()
    const { '/opt': opt, '/srv/other': other, ...mounts } = boot.mounts()
    assert.equal([opt, other], ['ext4', 'ext4'])
    assert.is(mounts['/opt/one'], 'scratch')
    assert.is(mounts['/opt/two'], 'state')
    assert.is(boot.read('/opt/two/text'), '2')
    // Either /srv is volatile around the other one, or it is left out and that is said.
    if (mounts['/srv'] === 'scratch') assert.is(boot.status, 0, boot.stderr)
    else assert.equal([boot.status, /\/srv\b/.test(boot.stderr)], [4, true])
  },
)

accept(
  '20',
  'what the kernel shows in the root is no place for a listed path',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': 'empty /proc\nempty /sys/x\nfiles /dev\nempty /srv/last\n',
      '/etc/statetab': '/proc\n/dev/x\n/srv/kept\n',
      '/proc/.keep': '',
      '/sys/x/.keep': '',
      '/dev/x/.keep': '',
      '/srv/last/text': 'x',
      '/srv/kept/text': 'x',
    },
    disks: EMPTY,
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/last': 'scratch', '/srv/kept': 'state', ...NAMES })
    assert.is(boot.status, 4)
  },
)

accept(
  '21',
  'a kept file where rwtab has put scratch within the folder of another one is seen, and kept',
  {
    image: {
      ...CONFIG,
      '/etc/passwd': 'root\n',
      '/etc/rwtab': 'files /etc/scratch\n',
      '/etc/scratch/key': 'image\n',
      '/etc/statetab': '/etc/passwd\n/etc/scratch/key\n',
    },
    disks: { state: {} },
  },
  async (computer) => {
    const first = await computer.boot()
    first.sh('echo new > etc/scratch/key; echo lost > etc/scratch/other')
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    assert.is(second.read('/etc/scratch/key'), 'new\n')
    assert.not(second.has('/etc/scratch/other'))
  },
)

run()
