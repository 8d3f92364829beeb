import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { link } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: scratch')

const CONFIG = '/etc/sysconfig/readonly-root'
const LISTED = { '/etc/rwtab': 'files /srv/a\n', '/srv/a/text': 'from the image' }
const MOUNTS = { '/srv/a': 'scratch', '/var/lib/stateless/writable': 'scratch' }
const SCRATCH = '/run/initramfs/holdfast-scratch'
const OLD = {
  files: {
    '/srv/a/text': 'old',
    '/srv/a/old': 'old',
    '/.hidden/old': 'old',
    '/lost+found/old': 'old',
    '/-rf': 'old',
    '/out': link('/srv'),
    '/a name\nin lines': 'old',
  },
}
const WAYS = {
  'by fstab': { '/etc/fstab': 'LABEL=@scratch@ /var/lib/stateless/writable ext4 noauto 0 0\n' },
  'by label': {},
}

for (const [way, image] of Object.entries(WAYS)) {
  const label = way === 'by label' ? 'RW_LABEL=@scratch@\n' : ''
  accept(
    '11',
    `scratch on a device ${way} is wiped before use, hidden files too`,
    { image: { ...LISTED, ...image, [CONFIG]: `READONLY=yes\n${label}` }, disks: { scratch: OLD } },
    async (computer) => {
      for (let boots = 0; boots < 2; boots++) {
        const boot = await computer.boot()
        assert.equal(boot.mounts(), MOUNTS)
        assert.equal([boot.mountLine(SCRATCH)?.type, boot.status], ['ext4', 0], boot.stderr)
        assert.equal(boot.names('/srv/a'), ['/text'])
        assert.is(boot.read('/srv/a/text'), 'from the image')
        const left = boot.namespace.sh(
          `find ${SCRATCH} -mindepth 1 ! -path '*/srv*' ! -name lost+found`,
        )
        assert.is(left, '')
        boot.sh('echo old > srv/a/text; echo old > srv/a/old')
      }
    },
  )
}

accept(
  '11',
  'RW_OPTIONS are those of scratch in RAM',
  { image: { ...LISTED, [CONFIG]: 'READONLY=yes\nRW_OPTIONS="-o size=4m,mode=0755"\n' } },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), MOUNTS)
    assert.is(boot.capacityBytes('/srv/a'), 4 * 1024 * 1024)
    assert.is(boot.owned('/var/lib/stateless/writable'), '755 0:0')
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '11',
  'RW_OPTIONS are not those of scratch on a device',
  {
    image: {
      ...LISTED,
      [CONFIG]: 'READONLY=yes\nRW_LABEL=@scratch@\nRW_OPTIONS="-o size=4m,noexec"\n',
    },
    disks: { scratch: {} },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), MOUNTS)
    assert.is(boot.mountLine(SCRATCH)?.type, 'ext4')
    assert.not(boot.mountLine('/sysroot/srv/a')?.options.includes('noexec'))
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '11',
  'a scratch device that is not there is RAM instead, as in the original',
  {
    image: { ...LISTED, [CONFIG]: 'READONLY=yes\nRW_LABEL=not-there\n' },
    cmdline: 'rd.holdfast.timeout=0',
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), MOUNTS)
    assert.is(boot.mountLine(SCRATCH)?.type, 'tmpfs')
  },
)

run()
