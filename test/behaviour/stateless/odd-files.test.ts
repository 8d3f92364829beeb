import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import { type Files, file } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: files that are out of the ordinary')

const NAMES = { '/var/lib/stateless/state': 'state', '/var/lib/stateless/writable': 'scratch' }
const CONFIG: Files = { '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n' }
const NAME = '\'"; touch ${HOME}; a#b\\*? ä€ -rf'

accept(
  '7',
  'pipes, device nodes, hard links, setuid: copied as they are, to scratch and to state',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': 'files /srv/a\n',
      '/etc/statetab': '/srv/b\n',
      '/srv/a/su': file('x', { mode: 0o4755 }),
      '/srv/b/su': file('x', { mode: 0o6711, gid: 7 }),
    },
    disks: { state: {} },
  },
  async (computer) => {
    await computer.changeImageBy(`for folder in srv/a srv/b; do
      mkfifo -m 620 $folder/pipe; mknod -m 600 $folder/null c 1 3; ln $folder/su $folder/again
    done`)
    const boot = await computer.boot()
    const look = boot.sh('stat -c "%n %F %a %h %t" srv/a/* srv/b/*')
    assert.equal(look.trim().split('\n'), [
      'srv/a/again regular file 4755 2 0',
      'srv/a/null character special file 600 1 1',
      'srv/a/pipe fifo 620 1 0',
      'srv/a/su regular file 4755 2 0',
      'srv/b/again regular file 6711 2 0',
      'srv/b/null character special file 600 1 1',
      'srv/b/pipe fifo 620 1 0',
      'srv/b/su regular file 6711 2 0',
    ])
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '17',
  'a name that a shell, a list, fstab or a terminal could take for something else',
  {
    image: {
      ...CONFIG,
      '/etc/statetab': `/srv/${NAME}\n`,
      [`/srv/${NAME}/${NAME}`]: 'from the image',
    },
    disks: { state: {} },
  },
  async (computer) => {
    const first = await computer.boot()
    assert.equal(first.mounts(), { [`/srv/${NAME}`]: 'state', ...NAMES })
    assert.is(first.read(`/srv/${NAME}/${NAME}`), 'from the image')
    assert.is(first.status, 0, first.stderr)
    first.sh('cd srv/*; echo changed > "$(ls)"')
    assert.is((await computer.boot()).read(`/srv/${NAME}/${NAME}`), 'changed\n')
  },
)

accept(
  '17',
  'a path that looks like one with a comment behind it, where the image has it',
  {
    image: { ...CONFIG, '/etc/statetab': '/srv/a # b\n', '/srv/a # b/text': 'x' },
    disks: { state: {} },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/a # b': 'state', ...NAMES })
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '9',
  'lists that hold no text: control characters are no path, and do not reach a terminal',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': 'files /srv/\x1b[2J\r\nempty \x00\x01\x02\nempty /srv/a\n',
      '/etc/statetab': `/srv/\x1b]0;title\x07\n${'/srv/x'.repeat(3000)}\n/srv/b\n`,
      '/srv/a/text': 'x',
      '/srv/b/text': 'x',
    },
    disks: { state: { files: { '/files': '\xff\xfe\x00/srv\n/\x1b[31m\n' } } },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/a': 'scratch', '/srv/b': 'state', ...NAMES })
  },
)

accept(
  '9',
  'paths of thousands of parts take no time in which a boot seems to hang',
  {
    image: {
      ...CONFIG,
      '/etc/rwtab': `files /${'r/'.repeat(300_000)}\nempty ${'/srv/x'.repeat(600)}\n`,
      '/etc/statetab': `/${'a/'.repeat(300_000)}\n${'/srv/x'.repeat(600)}\n/srv/b\n`,
      '/srv/b/text': 'x',
    },
    disks: { state: { files: { '/files': `/${'b/'.repeat(300_000)}\n${'/c'.repeat(2000)}\n` } } },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/b': 'state', ...NAMES })
  },
)

accept(
  '11',
  'scratch that has no room for all: what fits is there, the rest is told',
  {
    image: {
      '/etc/sysconfig/readonly-root': 'READONLY=yes\nRW_OPTIONS="-o size=256k"\n',
      '/etc/rwtab': 'files /srv/big\nfiles /srv/small\n',
      '/srv/big/text': 'x'.repeat(400_000),
      '/srv/small/text': 'small',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    const { '/var/lib/stateless/writable': _, ...mounts } = boot.mounts()
    assert.equal(mounts, { '/srv/small': 'scratch' })
    assert.is(boot.read('/srv/big/text').length, 400_000)
    assert.is(boot.status, 4)
  },
)

accept(
  '31',
  'READONLY makes a root read-only that the initramfs had mounted writable',
  {
    image: { ...CONFIG, '/etc/rwtab': 'files /srv/a\n', '/srv/a/text': 'x' },
    disks: { state: {} },
    readOnly: false,
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.ok(boot.isWritable('/srv/a'))
    assert.not(boot.isWritable('/srv'))
    assert.is(boot.status, 0, boot.stderr)
  },
)

run()
