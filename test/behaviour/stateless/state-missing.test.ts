import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { BY_LABEL, CONFIG, isDegraded, LISTED, NAMES } from './without-state.ts'

const { accept, run } = acceptanceSuite('stateless: a state device that is not as it should be')

accept(
  '22',
  'a device that takes no writes: the boot is degraded and says so (original: silence)',
  { image: BY_LABEL, disks: { state: { readOnly: true } } },
  async (computer) => {
    isDegraded(await computer.boot())
  },
)

accept(
  '22',
  'state that fstab mounts read-only: the boot is degraded and says so',
  {
    image: {
      ...LISTED,
      [CONFIG]: 'READONLY=yes\n',
      '/etc/fstab':
        'LABEL=root / ext4 ro 0 0\nLABEL=@state@ /var/lib/stateless/state ext4 ro 0 0\n',
    },
    disks: { state: {} },
  },
  async (computer) => {
    isDegraded(await computer.boot())
    await computer.switchOff()
    assert.equal(Object.keys(computer.disk('state').list()), ['/'])
  },
)

accept(
  '22',
  'no device: the boot is degraded and says so',
  { image: BY_LABEL, disks: { state: { attached: false } }, cmdline: 'rd.holdfast.timeout=0' },
  async (computer) => {
    const boot = await computer.boot()
    isDegraded(boot)
    assert.match(boot.stderr, computer.disk('state').label)
  },
)

accept(
  '22',
  'no device under a writable root: nothing is kept in a folder of the root (deviation)',
  {
    image: { ...LISTED, [CONFIG]: 'TEMPORARY_STATE=yes\nSTATE_LABEL=not-there\n' },
    readOnly: false,
    cmdline: 'rd.holdfast.timeout=0',
  },
  async (computer) => {
    const boot = await computer.boot()
    isDegraded(boot)
    assert.equal(boot.names('/var/lib/stateless/state'), ['/.keep'])
  },
)

accept(
  '22',
  'a device that holds no file system that can be mounted',
  { image: BY_LABEL, disks: { state: {} }, cmdline: 'rd.holdfast.timeout=0' },
  async (computer) => {
    computer.disk('state').spoil()
    isDegraded(await computer.boot())
  },
)

accept(
  '22',
  'a device whose file system has errors is checked before it is used, and what was corrected is said',
  {
    image: BY_LABEL,
    disks: { state: { files: { '/srv/kept/text': 'kept' } } },
    cmdline: 'rd.holdfast.timeout=0',
  },
  async (computer) => {
    const state = computer.disk('state')
    state.markErrors()
    const boot = await computer.boot()
    assert.is(boot.read('/srv/kept/text'), 'kept')
    assert.is(boot.status, 0, boot.stderr)
    assert.match(boot.stderr, /e2fsck has corrected errors on \/dev\/loop/)
    const { options = [] } = boot.mountLine('/run/initramfs/holdfast-state') ?? {}
    assert.ok(options.includes('rw'))
  },
)

accept(
  '22',
  'a device with errors that nobody can correct without a question: degraded, untouched, and the hint says what to do',
  {
    image: BY_LABEL,
    disks: { state: { files: { '/srv/kept/text': 'kept' } } },
    cmdline: 'rd.holdfast.timeout=0',
  },
  async (computer) => {
    const state = computer.disk('state')
    state.breakFolder('/srv/kept')
    state.markErrors()
    const boot = await computer.boot()
    isDegraded(boot)
    assert.match(boot.stderr, /Failed to check the file system on '\/dev\/loop\d+': .*UNEXPECTED/)
    assert.match(boot.stderr, /e2fsck -f \/dev\/loop/)
  },
)

accept(
  '22',
  'state that has no room for the first copy: nothing half copied is taken for state at the next boot',
  {
    image: {
      ...BY_LABEL,
      '/etc/statetab': '/srv/big\n/srv/kept\n',
      '/srv/big/a': 'small',
      '/srv/big/b': 'x'.repeat(9 * 1024 * 1024),
    },
    disks: { state: {} },
  },
  async (computer) => {
    for (let boots = 0; boots < 2; boots++) {
      const boot = await computer.boot()
      assert.equal(boot.mounts(), { '/srv/e': 'scratch', '/srv/kept': 'state', ...NAMES })
      assert.is(boot.read('/srv/big/b').length, 9 * 1024 * 1024)
      assert.is(boot.status, 4)
    }
  },
)

accept(
  '23',
  'a device that comes late is waited for',
  {
    image: BY_LABEL,
    disks: { state: { attached: false } },
    cmdline: 'rd.holdfast.timeout=60',
  },
  async (computer) => {
    const state = computer.disk('state')
    const boot = await computer.beginBoot()
    await boot.runUntil(state.label, () => state.attach())
    const expected = { '/srv/e': 'scratch', '/srv/kept': 'state', ...NAMES }
    assert.equal(boot.mounts(), expected)
    assert.is(boot.status, 0, boot.stderr)
  },
)

run()
