import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { type Files, link } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: what lies on a state device is not trusted')

const NAMES = { '/var/lib/stateless/state': 'state', '/var/lib/stateless/writable': 'scratch' }
const IMAGE: Files = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n',
  '/etc/statetab': '/srv/dir\n/srv/file\n/opt/in/dir\n/srv/last\n',
  '/srv/dir/text': 'from the image',
  '/srv/file': 'from the image',
  '/opt/in/dir/text': 'from the image',
  '/srv/last/text': 'from the image',
}

accept(
  '19',
  'links on it lead nowhere: nothing outside it is mounted, read or written',
  {
    image: IMAGE,
    disks: {
      state: {
        files: {
          '/srv/dir': link('/usr'),
          '/srv/file': link('/etc/initrd-release'),
          '/opt': link('/run'),
          '/files': link('/etc/statetab'),
        },
      },
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts('/srv/file'), { '/srv/last': 'state', ...NAMES })
    assert.is(boot.read('/srv/file'), 'from the image')
    assert.not(boot.namespace.sh('ls /run').split('\n').includes('in'))
    for (const path of ['/srv/dir', '/srv/file', '/opt/in/dir']) assert.match(boot.stderr, path)
    assert.is(boot.status, 4)
  },
)

accept(
  '19',
  'device nodes on it are not mounted',
  { image: IMAGE, disks: { state: {} } },
  async (computer) => {
    computer.disk('state').sh('mkdir srv; mknod srv/file b 7 0; mknod srv/last c 1 3')
    const boot = await computer.boot()
    const expected = { '/srv/dir': 'state', '/opt/in/dir': 'state', ...NAMES }
    assert.equal(boot.mounts('/srv/file'), expected)
    for (const path of ['/srv/file', '/srv/last']) assert.match(boot.stderr, path)
    assert.is(boot.status, 4)
  },
)

accept(
  '19',
  'a list on it that climbs out with .. names nothing outside the root',
  {
    image: { ...IMAGE, '/etc/statetab': '' },
    disks: {
      state: { files: { '/files': '/../../run\n/srv/../../usr\n/srv/last\nsrv/dir\n/\n' } },
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    const kept = Object.keys(boot.mounts())
    assert.ok(kept.includes('/srv/last') && !kept.includes('/'))
    const outside = boot.namespace.mountInfo().match(/ \/(usr|run) /g)
    assert.equal(outside, [' /run '])
    assert.is(boot.status, 4)
  },
)

run()
