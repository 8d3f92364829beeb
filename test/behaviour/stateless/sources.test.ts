import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { type Files, folder } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: where scratch and state come from')

const NAMES = { '/var/lib/stateless/state': 'state', '/var/lib/stateless/writable': 'scratch' }
const CONFIG = '/etc/sysconfig/readonly-root'
const LISTED: Files = {
  '/etc/rwtab': 'files /srv/a\n',
  '/etc/statetab': '/srv/kept\n',
  '/srv/a/text': 'from the image',
  '/srv/kept/text': 'from the image',
}
const MOUNTS = { '/srv/a': 'scratch', '/srv/kept': 'state' }

accept(
  '13',
  'RW_MOUNT and STATE_MOUNT can have other names, and the image need not have them (deviation)',
  {
    image: {
      ...LISTED,
      [CONFIG]: 'READONLY=yes\nSTATE_LABEL=@state@\nRW_MOUNT=/var/rw\nSTATE_MOUNT=/var/st/\n',
      '/var/st': folder(),
    },
    disks: { state: {} },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { ...MOUNTS, '/var/st': 'state' })
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '13',
  'state that the initramfs has mounted already is taken as it is',
  {
    image: { ...LISTED, [CONFIG]: 'READONLY=yes\n' },
    disks: { state: {} },
    before: 'mount LABEL=@state@ /sysroot/var/lib/stateless/state',
  },
  async (computer) => {
    const first = await computer.boot()
    assert.equal(first.mounts(), { ...MOUNTS, ...NAMES })
    assert.is(first.status, 0, first.stderr)
    first.sh('echo changed > srv/kept/text')
    assert.is((await computer.boot()).read('/srv/kept/text'), 'changed\n')
  },
)

accept(
  '13',
  'fstab counts more than a label; STATE_OPTIONS are for fstab alone',
  {
    image: {
      ...LISTED,
      [CONFIG]: 'READONLY=yes\nSTATE_LABEL=@other@\nSTATE_OPTIONS="-o noexec"\n',
      '/etc/fstab':
        'LABEL=root / ext4 ro 0 0\nLABEL=@state@ /var/lib/stateless/state ext4 noatime 0 0\n',
    },
    disks: { state: {}, other: {} },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { ...MOUNTS, ...NAMES })
    const { options = [] } = boot.mountLine('/run/initramfs/holdfast-state') ?? {}
    assert.ok(options.includes('noexec') && options.includes('noatime'), options.join())
    await computer.switchOff()
    assert.ok('/srv/kept' in computer.disk('state').list())
    assert.not('/srv/kept' in computer.disk('other').list())
  },
)

accept(
  '13',
  'what needs no device is mounted, however short a device is waited for',
  {
    image: {
      ...LISTED,
      [CONFIG]: 'READONLY=yes\n',
      '/etc/fstab': 'LABEL=root / ext4 ro 0 0\nkept /var/lib/stateless/state tmpfs mode=0755 0 0\n',
    },
    cmdline: 'rd.holdfast.timeout=0',
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.is(boot.status, 0, boot.stderr)
    assert.is(boot.mountLine('/run/initramfs/holdfast-state')?.type, 'tmpfs')
  },
)

for (const [value, leaks] of [
  ['yes', false],
  ['no', true],
] as const) {
  accept(
    '13',
    `SLAVE_MOUNTS=${value}: a later mount below a path ${leaks ? 'shows' : 'does not show'} in scratch`,
    {
      image: { ...LISTED, [CONFIG]: `READONLY=yes\nSLAVE_MOUNTS=${value}\n`, '/etc/statetab': '' },
      // As systemd has it.
      before: 'mount --make-rshared /',
    },
    async (computer) => {
      const boot = await computer.boot()
      boot.sh('mkdir srv/a/sub; mount -t tmpfs tmpfs srv/a/sub')
      const below = 'holdfast-scratch/srv/a/sub '
      assert.is(boot.namespace.mountInfo().includes(below), leaks)
    },
  )
}

run()
