import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import type { Boot } from './boot.ts'
import { type Files, folder } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: listed paths that are made later')

const IMAGE: Files = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n',
  '/etc/passwd': 'root\n',
  '/etc/ssh': folder({ mode: 0o710, uid: 3, gid: 4 }),
  '/etc/ssh/config': 'from the image\n',
  '/srv/other/file': '',
  '/run/.keep': '',
  '/proc/.keep': '',
  '/etc/statetab':
    '/etc/passwd\n/etc/ssh/host_key\n/etc/new/deep/key\n/etc/app\n/etc/localtime\n/srv/other/none\n',
}
const DISKS = { state: {} }
const ALL_KEPT = {
  '/etc/passwd': 'kept',
  '/etc/ssh/host_key': 'kept',
  '/etc/new/deep/key': 'kept',
  '/etc/app': 'kept',
  '/etc/localtime': 'kept',
  '/srv/other/none': 'missing',
}

/** What holdfast says of listed paths in the booted system; nothing where the root has not what the executable needs. */
function listed(boot: Boot, executable: string): Record<string, string> | undefined {
  if (executable !== 'holdfast') return undefined
  const said = boot.namespace.sh(`
    cp /usr/sbin/holdfast /run/holdfast-here
    unshare --mount sh -ec '
      mount --rbind /run /sysroot/run; mount --rbind /proc /sysroot/proc
      exec chroot /sysroot /run/holdfast-here list --json'`)
  const paths: { path: string; status: string }[] = JSON.parse(said).paths
  return Object.fromEntries(paths.map(({ path, status }) => [path, status]))
}

accept(
  '24',
  'what is made at a listed path in a folder with kept files is kept: file, folder and link',
  { image: IMAGE, disks: DISKS },
  async (computer, executable) => {
    const first = await computer.boot()
    assert.is(first.status, 0, first.stderr)
    assert.match(first.stderr, /statetab:2: \/etc\/ssh\/host_key is not there yet/)
    assert.match(first.stderr, /statetab:6: \/srv\/other\/none is left out: neither/)
    assert.not(first.has('/etc/ssh/host_key'))
    first.sh(`
      umask 077; echo key > etc/ssh/host_key; echo not > etc/ssh/other
      mkdir -p etc/new/deep; chmod 751 etc/new; chown 5:6 etc/new; echo deep > etc/new/deep/key; echo not > etc/new/not
      umask 022; mkdir -p etc/app/sub; chmod 2750 etc/app; chown 7:8 etc/app
      echo one > etc/app/one; echo two > etc/app/sub/two; ln -s one etc/app/link
      ln -s ../usr/share/zone etc/localtime`)
    assert.equal(listed(first, executable) ?? ALL_KEPT, ALL_KEPT)

    for (const _ of ['the second boot', 'the third boot']) {
      const boot = await computer.boot()
      assert.is(boot.status, 0, boot.stderr)
      const paths = ['/etc/ssh/host_key', '/etc/new/deep/key', '/etc/app/one', '/etc/app/sub/two']
      assert.equal(paths.map(boot.read), ['key\n', 'deep\n', 'one\n', 'two\n'])
      assert.is(boot.sh('readlink etc/localtime etc/app/link'), '../usr/share/zone\none\n')
      assert.equal(['/etc/ssh/other', '/etc/new/not'].map(boot.has), [false, false])
      const owned = ['/etc/ssh', '/etc/ssh/host_key', '/etc/new', '/etc/new/deep', '/etc/app']
      assert.equal(owned.map(boot.owned), ['710 3:4', '600 0:0', '751 5:6', '700 0:0', '2750 7:8'])
      assert.is(boot.mounts()['/etc/app'], 'state')
      boot.sh('echo one > etc/app/one')
    }
    const last = await computer.boot()
    last.sh('rm etc/ssh/host_key; echo 2 >> etc/app/one')
    const gone = await computer.boot()
    assert.not(gone.has('/etc/ssh/host_key'))
    assert.is(gone.read('/etc/app/one'), 'one\n2\n')
  },
)

accept(
  '24',
  'shutdown brings what was made to its place on the device',
  { image: IMAGE, disks: DISKS },
  async (computer) => {
    const first = await computer.boot()
    first.sh(
      'echo key > etc/ssh/host_key; mkdir etc/app; echo one > etc/app/one; ln -s x etc/localtime',
    )
    const { status, stderr } = first.namespace.run(['/usr/sbin/holdfast', 'shutdown'])
    assert.is(status, 0, stderr)
    await computer.switchOff()
    const kept = computer.disk('state').list()
    assert.match(kept['/etc/ssh/host_key'] ?? '', 'key')
    assert.match(kept['/etc/app/one'] ?? '', 'one')
    assert.ok('/etc/localtime' in kept)
    const second = await computer.boot()
    assert.equal(['/etc/ssh/host_key', '/etc/app/one'].map(second.read), ['key\n', 'one\n'])
  },
)

accept(
  '26',
  'what a persist that was cut off has moved away is kept: a boot gives it its name back',
  {
    image: { ...IMAGE, '/etc/statetab': '/etc/passwd\n/srv/dir\n', '/srv/dir/file': 'image\n' },
    disks: {
      state: {
        files: {
          '/.holdfast-replaced/0-0': 'kept\n',
          '/.holdfast-replaced/0-0.path': '/etc/passwd',
          '/.holdfast-replaced/1-0/file': 'older\n',
          '/.holdfast-replaced/1-0.path': '/srv/dir',
          '/srv/dir/file': 'kept\n',
        },
      },
    },
  },
  async (computer) => {
    for (const _ of ['the first boot', 'the second boot']) {
      const boot = await computer.boot()
      assert.is(boot.status, 0, boot.stderr)
      assert.equal(['/etc/passwd', '/srv/dir/file'].map(boot.read), ['kept\n', 'kept\n'])
    }
    await computer.switchOff()
    const left = Object.keys(computer.disk('state').list())
    assert.equal(
      left.filter((path) => path.startsWith('/.holdfast-replaced')),
      [],
    )
  },
)

accept(
  '26',
  'what cannot get its name back is said in one boot, and takes no other with it',
  {
    image: IMAGE,
    disks: {
      state: {
        files: {
          '/.holdfast-replaced/0/f': 'stuck\n',
          '/.holdfast-replaced/0.path': '/.holdfast-replaced/0/x',
          '/.holdfast-replaced/1': 'kept\n',
          '/.holdfast-replaced/1.path': '/etc/passwd',
        },
      },
    },
  },
  async (computer) => {
    const first = await computer.boot()
    assert.is(first.status, 4, first.stderr)
    assert.match(first.stderr, /has not got its name back is in \.holdfast-replaced-1 /)
    assert.is(first.read('/etc/passwd'), 'kept\n')
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    assert.is(second.read('/etc/passwd'), 'kept\n')
    await computer.switchOff()
    const left = computer.disk('state').list()
    assert.match(left['/.holdfast-replaced-1/0/f'] ?? '', 'stuck')
  },
)

accept(
  '24',
  'a pipe at a listed path is not kept, and that is said',
  { image: IMAGE, disks: DISKS },
  async (computer) => {
    const first = await computer.boot()
    first.sh('mkfifo etc/ssh/host_key')
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    assert.match(second.stderr, /\/etc\/ssh\/host_key has become a fifo, which is not kept\n/)
    assert.not(second.has('/etc/ssh/host_key'))
  },
)

accept(
  '24',
  'what is listed by hand since the boot is not called kept',
  { image: IMAGE, disks: DISKS },
  async (computer, executable) => {
    const boot = await computer.boot()
    boot.sh('echo /etc/ssh/config >> etc/statetab; echo more >> etc/ssh/config')
    const said = listed(boot, executable)
    if (said === undefined) return
    assert.equal([said['/etc/passwd'], said['/etc/ssh/config']], ['kept', 'missing'])
  },
)

accept(
  '24',
  'what is made where rwtab has put scratch within that folder is on scratch, and not called kept',
  {
    image: {
      ...IMAGE,
      '/etc/rwtab': 'files /etc/scratch\n',
      '/etc/scratch/file': '',
      '/etc/statetab': '/etc/passwd\n/etc/scratch/key\n',
    },
    disks: DISKS,
  },
  async (computer, executable) => {
    const first = await computer.boot()
    assert.match(first.stderr, /\/etc\/scratch\/key is left out/)
    first.sh('echo key > etc/scratch/key')
    const said = listed(first, executable)?.['/etc/scratch/key']
    assert.is(said ?? 'missing', 'missing')
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    assert.not(second.has('/etc/scratch/key'))
  },
)

run()
