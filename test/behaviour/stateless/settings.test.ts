import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import type { Boot } from './boot.ts'
import { folder } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: what asks for it')

const CONFIG = '/etc/sysconfig/readonly-root'
const LISTED = { '/etc/rwtab': 'files /srv/a\n', '/srv/a/text': 'from the image' }
const WRITABLE = { '/srv/a': 'scratch', '/var/lib/stateless/writable': 'scratch' }

function isUntouched(boot: Boot): void {
  assert.equal(boot.mounts(), {})
  assert.is(boot.status, 0, boot.stderr)
  assert.not(boot.isWritable('/srv/a'))
}

function isSetUp(boot: Boot): void {
  assert.equal(boot.mounts(), WRITABLE)
  assert.is(boot.status, 0, boot.stderr)
  assert.is(boot.read('/srv/a/text'), 'from the image')
  assert.ok(boot.isWritable('/srv/a') && boot.isWritable('/srv/a/text'))
  assert.not(boot.isWritable('/srv'))
}

accept(
  '1',
  'without a configuration and without a kernel argument nothing is mounted',
  { image: LISTED, cmdline: 'root=LABEL=root ro quiet' },
  async (computer) => {
    isUntouched(await computer.boot())
  },
)

accept(
  '1',
  'an argument that only contains the word asks for nothing (deviation)',
  { image: LISTED, cmdline: 'foo.readonlyroot=0 xreadonlyroot readonlyroots readonlyroot=no' },
  async (computer) => {
    isUntouched(await computer.boot())
  },
)

accept(
  '2',
  'readonlyroot without a configuration file: a listed folder is writable, in RAM',
  { image: LISTED, cmdline: 'quiet readonlyroot' },
  async (computer) => {
    const boot = await computer.boot()
    isSetUp(boot)
    const scratch = boot.mountLine('/run/initramfs/holdfast-scratch')
    assert.is(scratch?.type, 'tmpfs')
    assert.not(boot.record()?.why)
    boot.sh('echo changed > srv/a/text')
    isSetUp(await computer.boot())
  },
)

accept(
  '3',
  'noreadonlyroot turns READONLY off, whatever comes with it',
  { image: { ...LISTED, [CONFIG]: 'READONLY=yes\n' } },
  async (computer) => {
    for (const cmdline of [
      'noreadonlyroot',
      'noreadonlyroot readonlyroot',
      'readonlyroot noreadonlyroot',
    ]) {
      computer.setCmdline(cmdline)
      isUntouched(await computer.boot())
    }
  },
)

accept(
  '3',
  'noreadonlyroot does not turn TEMPORARY_STATE off',
  {
    image: { ...LISTED, [CONFIG]: 'READONLY=no\nTEMPORARY_STATE=yes\n' },
    cmdline: 'noreadonlyroot',
  },
  async (computer) => {
    isSetUp(await computer.boot())
  },
)

const TRUE = ['yes', 'YES', 'on', 'true', '1', 'y', 'T', '"yes"', "'yes'"]
const FALSE = ['no', 'maybe', '', 'yess', '0', '2', 'noyes']

for (const name of ['READONLY', 'TEMPORARY_STATE']) {
  accept('4', `what ${name} takes for true`, { image: LISTED }, async (computer, executable) => {
    const isShort = executable === 'holdfast-node'
    const set = async (value: string) => {
      await computer.changeImage({ [CONFIG]: `# a comment\n${name}=${value}\n` })
      const boot = await computer.beginBoot()
      boot.run()
      return boot
    }
    for (const value of isShort ? TRUE.slice(-2) : TRUE) isSetUp(await set(value))
    for (const value of isShort ? FALSE.slice(0, 2) : FALSE) isUntouched(await set(value))
  })
}

accept(
  '30',
  'the configuration is read, not executed',
  {
    image: {
      ...LISTED,
      [CONFIG]: [
        'touch /run/executed',
        'READONLY=$(touch /run/executed)',
        'RW_MOUNT=`touch /run/executed`',
        'export READONLY=yes; touch /run/executed',
        '. /etc/other',
        '',
      ].join('\n'),
      '/etc/other': 'touch /run/executed\n',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.not(boot.namespace.sh('ls /run').includes('executed'))
    assert.match(boot.stderr, CONFIG)
  },
)

accept(
  '30',
  'assignments, quotes and plain variables are understood',
  {
    image: {
      ...LISTED,
      '/var/scratch here': folder(),
      [CONFIG]: [
        '# READONLY=no',
        'BASE=/var',
        "export READONLY='yes'",
        'RW_MOUNT="$BASE/scratch here"   # a comment',
        '',
      ].join('\n'),
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.mounts(), { '/srv/a': 'scratch', '/var/scratch here': 'scratch' })
    assert.is(boot.status, 0, boot.stderr)
  },
)

accept(
  '31',
  'an fstab that does not say ro for the root does not make it writable later (deviation)',
  {
    image: {
      ...LISTED,
      [CONFIG]: 'READONLY=yes\n',
      '/etc/fstab': 'LABEL=root / ext4 defaults 0 1\n',
    },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.match(boot.read('/etc/fstab'), /^LABEL=root\s+\/\s+ext4\s+(\S+,)?ro(,\S+)?\s/m)
    assert.not(boot.isWritable('/srv'))
    assert.ok(boot.isWritable('/srv/a'))
  },
)

run()
