import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { type Files, file, folder } from './tree.ts'

const { accept, run } = acceptanceSuite("stateless: the state device's own list")

const NAMES = { '/var/lib/stateless/state': 'state', '/var/lib/stateless/writable': 'scratch' }
const CONFIG: Files = { '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n' }

accept(
  '15',
  'what it lists is kept, what is in the image is copied first',
  {
    image: { ...CONFIG, '/srv/f4': 'from the image', '/srv/d4/text': 'from the image' },
    disks: { state: { files: { '/files': '/srv/f4\n/srv/d4\n' } } },
  },
  async (computer) => {
    const first = await computer.boot()
    assert.equal(first.mounts('/srv/f4'), { '/srv/f4': 'state', '/srv/d4': 'state', ...NAMES })
    assert.is(first.status, 0, first.stderr)
    first.sh('echo changed > srv/f4; echo changed > srv/d4/text')
    const second = await computer.boot()
    assert.equal(['/srv/f4', '/srv/d4/text'].map(second.read), ['changed\n', 'changed\n'])
  },
)

// With rd.holdfast.files=bind, too: the original left it out in silence, and with it what holdfast persist keeps.
for (const [how, cmdline] of [
  ['', undefined],
  [' and rd.holdfast.files=bind', 'rd.holdfast.files=bind'],
] as const) {
  accept(
    '15',
    `a path that only the state device has appears where its folder can be written to, as with oVirt${how} (deviation)`,
    {
      image: { ...CONFIG, '/etc/rwtab': 'files /etc\n' },
      disks: {
        state: {
          files: {
            '/files': '/etc/only-state\n/etc/new/folder\n',
            '/etc/only-state': file('persisted', { mode: 0o600, uid: 7 }),
            '/etc/new/folder': folder({ mode: 0o700 }),
            '/etc/new/folder/text': 'persisted',
          },
        },
      },
      ...(cmdline === undefined ? {} : { cmdline }),
    },
    async (computer) => {
      const boot = await computer.boot()
      assert.is(boot.read('/etc/only-state'), 'persisted')
      assert.equal(boot.owned('/etc/only-state'), '600 7:0')
      assert.is(boot.read('/etc/new/folder/text'), 'persisted')
      assert.is(boot.mounts()['/etc/new/folder'], 'state')
      assert.is(boot.mounts()['/etc/only-state'], cmdline === undefined ? undefined : 'state')
      assert.is(boot.status, 0, boot.stderr)
      boot.sh('echo changed > etc/only-state; echo changed > etc/new/folder/text')
      const second = await computer.boot()
      const texts = ['/etc/only-state', '/etc/new/folder/text'].map(second.read)
      assert.equal(texts, ['changed\n', 'changed\n'])
    },
  )
}

accept(
  '15',
  'where its folder cannot be written to, a warning says so, and all others are kept',
  {
    image: { ...CONFIG, '/srv/last/text': 'x' },
    disks: {
      state: {
        files: { '/files': '/opt/only-state\n/srv/last\n', '/opt/only-state/text': 'persisted' },
      },
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/last': 'state', ...NAMES })
    assert.match(boot.stderr, '/opt/only-state')
    assert.is(boot.status, 4)
  },
)

accept(
  '15',
  'with rd.holdfast.files=bind a file needs a place in the root as well: where there is none, a warning says so',
  {
    image: { ...CONFIG, '/srv/f4': 'image' },
    disks: {
      state: { files: { '/files': '/srv/f4\n/srv/only-state\n', '/srv/only-state': 'persisted' } },
    },
    cmdline: 'rd.holdfast.files=bind',
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/f4': 'state', ...NAMES })
    assert.match(boot.stderr, '/srv/only-state')
    assert.is(boot.status, 4)
  },
)

run()
