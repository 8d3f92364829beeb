import * as assert from 'uvu/assert'
import { acceptanceSuite } from './acceptance.ts'
import type { Boot } from './boot.ts'
import { STATE } from './mount-view.ts'
import { type Files, file, folder } from './tree.ts'

const { accept, run } = acceptanceSuite('stateless: kept files')

const CONFIG: Files = { '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=@state@\n' }
const ACCOUNTS = {
  '/etc/passwd': 'root\n',
  '/etc/shadow': file('secret\n', { mode: 0o640 }),
  '/etc/group': 'root\n',
  '/etc/gshadow': 'root\n',
}
const IMAGE: Files = {
  ...CONFIG,
  ...ACCOUNTS,
  '/etc/statetab': '/etc/passwd\n/etc/shadow\n/etc/group\n/etc/gshadow\n/etc/ssh/key\n/etc/only\n',
  '/etc/ssh': folder({ mode: 0o710, uid: 3, gid: 4 }),
  '/etc/ssh/key': 'from the image\n',
  '/etc/ssh/config': 'from the image\n',
}
const DISKS = {
  state: {
    // The folder is as an older image had it.
    files: { '/etc/only': 'on the device alone\n', '/etc/ssh': folder({ mode: 0o777 }) },
  },
}

/** As editors, sed -i and shadow's tools do it. */
const renameOver = (path: string, text: string) =>
  `echo '${text}' > .${path}.tmp; mv .${path}.tmp .${path};`

function state(computer: { disk(name: string): { list(): Record<string, string> } }) {
  return computer.disk('state').list()
}

accept(
  '24',
  'a listed file can be renamed over, written, deleted; nothing else in its folder is kept',
  { image: IMAGE, disks: DISKS },
  async (computer) => {
    const first = await computer.boot()
    assert.is(first.status, 0, first.stderr)
    assert.is(first.mountLine('/sysroot/etc')?.type, 'overlay')
    assert.is(first.mountLine('/sysroot/etc/passwd'), undefined)
    assert.is(first.record()?.why ?? undefined, undefined)
    assert.is(first.read('/etc/only'), 'on the device alone\n')
    assert.equal([first.owned('/etc/ssh'), first.owned('/etc/shadow')], ['710 3:4', '640 0:0'])
    // cron and logrotate take no file with a second name.
    assert.is(first.sh('stat -c %h etc/passwd'), '1\n')
    first.sh(`
      ${renameOver('/etc/passwd', 'renamed')}
      sed -i s/secret/changed/ etc/shadow
      echo more >> etc/only
      rm etc/ssh/key etc/ssh/config; echo new > etc/new; echo new > etc/passwd.lock`)

    for (const _ of ['the second boot', 'the third boot']) {
      const boot = await computer.boot()
      assert.is(boot.status, 0, boot.stderr)
      const texts = ['/etc/passwd', '/etc/shadow', '/etc/only', '/etc/group', '/etc/ssh/config']
      assert.equal(texts.map(boot.read), [
        'renamed\n',
        'changed\n',
        'on the device alone\nmore\n',
        'root\n',
        'from the image\n',
      ])
      assert.equal(['/etc/new', '/etc/passwd.lock', '/etc/ssh/key'].map(boot.has), [
        false,
        false,
        false,
      ])
      assert.equal(boot.names('/etc/ssh'), ['/config'])
      assert.equal([boot.owned('/etc/ssh'), boot.owned('/etc/shadow')], ['710 3:4', '640 0:0'])
    }
    const again = await computer.boot()
    again.sh('echo anew > etc/ssh/key')
    assert.is((await computer.boot()).read('/etc/ssh/key'), 'anew\n')
    await computer.switchOff()
    assert.is(state(computer)['/etc/ssh/key']?.includes('anew'), true)
  },
)

const LONG = 2_000_000

accept(
  '24',
  'a long file is not copied: it is written to and replaced all the same',
  {
    image: { ...CONFIG, '/etc/statetab': '/srv/long\n/srv/other\n', '/srv/other': 'image\n' },
    disks: { state: { files: { '/srv/long': '-'.repeat(LONG) } } },
  },
  async (computer) => {
    const first = await computer.boot()
    assert.is(first.sh('stat -c %h srv/long'), '2\n')
    first.sh('printf end >> srv/long')
    const second = await computer.boot()
    assert.is(second.read('/srv/long').length, LONG + 3)
    second.sh('cp srv/long srv/new; printf end >> srv/new; mv srv/new srv/long')
    const third = await computer.boot()
    assert.is(third.read('/srv/long').length, LONG + 6)
    third.sh('printf end >> srv/long; rm srv/long')
    assert.not((await computer.boot()).has('/srv/long'))
  },
)

accept(
  '24',
  'a rename in another mount namespace is kept, and seen in all of them',
  { image: IMAGE, disks: DISKS },
  async (computer) => {
    const boot = await computer.boot()
    boot.sh(`unshare --mount sh -ec "${renameOver('/etc/passwd', 'by a service')}"`)
    assert.is(boot.read('/etc/passwd'), 'by a service\n')
    assert.is((await computer.boot()).read('/etc/passwd'), 'by a service\n')
  },
)

accept(
  '24',
  'where all of /etc is volatile, its copy is what kept files are laid upon',
  {
    image: { ...IMAGE, '/etc/rwtab': 'files /etc\n', '/etc/motd': 'from the image\n' },
    disks: DISKS,
  },
  async (computer) => {
    const first = await computer.boot()
    assert.is(first.mountLine('/sysroot/etc')?.type, 'overlay')
    first.sh(`${renameOver('/etc/passwd', 'renamed')} echo lost > etc/motd; echo lost > etc/new`)
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    assert.equal(['/etc/passwd', '/etc/motd'].map(second.read), ['renamed\n', 'from the image\n'])
    assert.not(second.has('/etc/new'))
  },
)

accept(
  '24',
  'in a folder that is empty until shutdown there are kept files alone',
  {
    image: {
      ...IMAGE,
      '/etc/statetab': '/srv/v/kept\n',
      '/etc/rwtab': 'empty /srv/v\n',
      '/srv/v/kept': 'from the image\n',
      '/srv/v/other': 'from the image\n',
    },
    disks: { state: { files: { '/srv/v/kept': 'kept\n' } } },
  },
  async (computer) => {
    const boot = await computer.boot()
    assert.equal(boot.names('/srv/v'), ['/kept'])
    assert.is(boot.read('/srv/v/kept'), 'kept\n')
  },
)

accept(
  '24',
  'a folder that is kept, and one that is volatile, stay what they are within the folder of a kept file',
  {
    image: {
      ...IMAGE,
      '/etc/statetab': '/etc/passwd\n/etc/kept\n',
      '/etc/rwtab': 'files /etc/scratch\n',
      '/etc/kept/file': 'from the image\n',
      '/etc/scratch/file': 'from the image\n',
    },
    disks: DISKS,
  },
  async (computer) => {
    const first = await computer.boot()
    const seen = first.mounts()
    assert.equal(
      [seen['/etc'], seen['/etc/kept'], seen['/etc/scratch']],
      ['overlay', 'state', 'scratch'],
    )
    first.sh(
      'echo changed > etc/kept/file; echo changed > etc/kept/new; echo lost > etc/scratch/file',
    )
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    const texts = ['/etc/kept/file', '/etc/kept/new', '/etc/scratch/file'].map(second.read)
    assert.equal(texts, ['changed\n', 'changed\n', 'from the image\n'])
  },
)

accept(
  '24',
  'rd.holdfast.files=bind: each is a mount point, which cannot be renamed over, and that is said',
  {
    image: { ...IMAGE, '/etc/rwtab': 'files /etc\n' },
    disks: DISKS,
    cmdline: 'rd.holdfast.files=bind',
  },
  async (computer) => {
    const first = await computer.boot()
    assert.is(first.mounts()['/etc/passwd'], 'state')
    assert.match(first.stderr, '/etc/group and 5 more cannot be renamed, replaced or deleted')
    const renamed = first.namespace.run([
      'sh',
      '-c',
      `cd /sysroot; ${renameOver('/etc/passwd', 'x')}`,
    ])
    assert.match(renamed.stderr, 'usy')
    first.sh('echo written > etc/passwd')
    // What was written this way is not taken for older than what the other way had.
    computer.setCmdline('')
    const second = await computer.boot()
    assert.is(second.read('/etc/passwd'), 'written\n')
    second.sh(renameOver('/etc/passwd', 'renamed'))
    computer.setCmdline('rd.holdfast.files=bind')
    assert.is((await computer.boot()).read('/etc/passwd'), 'renamed\n')
  },
)

accept(
  '24',
  'shutdown brings kept files to their places on the device, where other systems look for them',
  { image: IMAGE, disks: DISKS },
  async (computer) => {
    const first = await computer.boot()
    first.sh(`${renameOver('/etc/passwd', 'renamed')} rm etc/ssh/key; echo new > etc/new`)
    const { status, stderr } = first.namespace.run(['/usr/sbin/holdfast', 'shutdown'])
    assert.is(status, 0, stderr)
    await computer.switchOff()
    const kept = state(computer)
    assert.match(kept['/etc/passwd'] ?? '', 'renamed')
    assert.is(kept['/etc/ssh/key'], undefined)
    assert.is(kept['/etc/new'], undefined)
    // Now the device counts, whatever was in the layer.
    computer.disk('state').write({ '/etc/passwd': 'by a rescue system\n' })
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    assert.is(second.read('/etc/passwd'), 'by a rescue system\n')
    assert.not(second.has('/etc/ssh/key'))
  },
)

accept(
  '22',
  'a device with no room for the layer: files are mount points, and what was changed is not lost',
  { image: { ...IMAGE, '/etc/rwtab': 'files /etc\n' }, disks: DISKS },
  async (computer) => {
    const first = await computer.boot()
    first.sh(`${renameOver('/etc/passwd', 'renamed')} head -c 900000 /dev/zero > etc/only`)
    await computer.switchOff()
    computer.disk('state').sh('head -c 100000000 /dev/zero > filler 2> /dev/null || true')
    const full = await computer.boot()
    assert.is(full.status, 0, full.stderr)
    assert.match(full.stderr, /\/etc\/\w+ and 5 more cannot be renamed.*No space left/)
    assert.is(full.mounts()['/etc/passwd'], 'state')
    const left = full.namespace.sh(`ls -A ${STATE}/.holdfast`)
    assert.equal(
      left.split('\n').filter((name) => name === 'upper'),
      [],
    )
    assert.is(full.read('/etc/passwd'), 'renamed\n')
    full.sh('printf RENAMED > etc/passwd')
    await computer.switchOff()
    computer.disk('state').sh('rm filler')
    const room = await computer.boot()
    assert.is(room.read('/etc/passwd'), 'RENAMED')
    assert.is(room.read('/etc/only').length, 900_000)
    room.sh(renameOver('/etc/passwd', 'again'))
  },
)

accept(
  '24',
  'a file that is not listed any more stays on the device, and its layer goes',
  { image: IMAGE, disks: DISKS },
  async (computer) => {
    const first = await computer.boot()
    first.sh(`${renameOver('/etc/passwd', 'renamed')} echo new > etc/new`)
    await computer.changeImage({ '/etc/statetab': '/srv/kept\n', '/srv/kept/file': '' })
    const second = await computer.boot()
    assert.is(second.status, 0, second.stderr)
    assert.is(second.read('/etc/passwd'), 'root\n')
    await computer.switchOff()
    const kept = state(computer)
    assert.match(kept['/etc/passwd'] ?? '', 'renamed')
    assert.equal(
      Object.keys(kept).filter((path) => path.startsWith('/.holdfast/upper')),
      [],
    )
  },
)

accept(
  '31',
  'an fstab beside kept files says that the root is read-only, and is no mount point',
  { image: { ...IMAGE, '/etc/fstab': 'LABEL=root / ext4 defaults 0 0\n' }, disks: DISKS },
  async (computer) => {
    for (const _ of ['the first boot', 'the second boot']) {
      const boot = await computer.boot()
      assert.is(boot.status, 0, boot.stderr)
      assert.match(boot.read('/etc/fstab'), /^LABEL=root \/ ext4 \S*ro\b/)
      assert.is(boot.mountLine('/sysroot/etc/fstab'), undefined)
    }
  },
)

accept(
  '24',
  'accounts that are kept in part are remarked on',
  { image: { ...IMAGE, '/etc/statetab': '/etc/shadow\n' }, disks: { state: {} } },
  async (computer) => {
    const boot = await computer.boot()
    assert.is(boot.status, 0)
    assert.match(boot.stderr, '/etc/shadow kept, /etc/passwd, /etc/group, /etc/gshadow not')
  },
)

accept(
  'D5',
  'what is mounted gets the labels of the policy, where the root has one',
  {
    image: {
      ...IMAGE,
      '/etc/rwtab': 'empty /srv/e\n',
      '/srv/e': folder({}),
      '/etc/selinux/config': 'SELINUX=enforcing\n',
    },
    disks: DISKS,
  },
  async (computer) => {
    const boot = await computer.boot()
    const list = boot.namespace.sh('cat /run/systemd/relabel-extra.d/*.relabel').split('\n')
    assert.ok(list.includes('/etc') && list.includes('/srv/e'), list.join())
  },
)

const LABEL = 'security.selinux'
const labelled = (type: string) => ({
  xattrs: { [LABEL]: Buffer.from(`system_u:object_r:${type}:s0\0`).toString('hex') },
})

accept(
  'D5',
  'folders above kept files are seen with their labels, and the files that are not kept stay out of the layer',
  {
    image: {
      ...IMAGE,
      '/etc': folder(labelled('etc_t')),
      '/etc/ssh': folder({ mode: 0o710, uid: 3, gid: 4, ...labelled('ssh_t') }),
      '/etc/shadow': file('secret\n', { mode: 0o640, ...labelled('shadow_t') }),
      '/etc/selinux/config': 'SELINUX=enforcing\n',
    },
    disks: DISKS,
  },
  async (computer) => {
    for (const _ of ['the first boot', 'the second boot']) {
      const boot = await computer.boot()
      assert.is(boot.status, 0, boot.stderr)
      const list = boot.namespace.sh('cat /run/systemd/relabel-extra.d/*.relabel').split('\n')
      assert.ok(list.includes('/etc/shadow') && list.includes('/etc/ssh/key'), list.join())
      assert.not(list.includes('/etc'))
      for (const [path, type] of [
        ['/etc', 'etc_t'],
        ['/etc/ssh', 'ssh_t'],
        ['/etc/shadow', 'shadow_t'],
      ] as const)
        assert.is(boot.xattrs(path)[LABEL], labelled(type).xattrs[LABEL], path)
    }
  },
)

/** Boots, changes what the state device has, and boots again. */
async function spoil(
  computer: Parameters<Parameters<typeof accept>[3]>[0],
  script: string,
): Promise<Boot> {
  const first = await computer.boot()
  first.sh(renameOver('/etc/passwd', 'renamed'))
  await computer.switchOff()
  computer.disk('state').sh(script)
  return computer.boot()
}

const LEFT_ALONE: readonly (readonly [what: string, script: string])[] = [
  ['whose own folder is a link', 'mv .holdfast elsewhere; ln -s /elsewhere .holdfast'],
  ['whose layer is a link', 'mv .holdfast/upper elsewhere; ln -s ../elsewhere .holdfast/upper'],
  ['whose record is no record', 'echo "{}" > .holdfast/files.json'],
  ['whose record climbs', 'sed -i "s,/etc/passwd,/../../etc/passwd,g" .holdfast/files.json'],
  ['whose record is a device', 'rm .holdfast/files.json; mknod .holdfast/files.json c 1 9'],
]

for (const [what, script] of LEFT_ALONE) {
  accept(
    'hostile',
    `a device ${what}: it is left alone, and said`,
    { image: IMAGE, disks: DISKS },
    async (computer) => {
      const boot = await spoil(computer, script)
      assert.is(boot.status, 4)
      assert.match(boot.stderr, /on the state device \.holdfast/)
      assert.is(boot.read('/etc/passwd'), 'root\n')
      assert.is(boot.mounts()['/etc/passwd'], 'state')
    },
  )
}

accept(
  'hostile',
  'links and device nodes in the layer are neither followed nor kept',
  { image: { ...IMAGE, '/srv/target': 'untouched' }, disks: DISKS },
  async (computer) => {
    const boot = await spoil(
      computer,
      `cd .holdfast/upper/etc
      rm passwd shadow; mknod passwd c 1 3; ln -s /srv/target shadow
      rm -r ssh; ln -s / ssh; mknod null c 1 3; mkdir -p deep; ln -s / deep/link`,
    )
    assert.is(boot.status, 0, boot.stderr)
    assert.match(boot.stderr, '/etc/passwd has become a character, which is not kept')
    assert.match(boot.stderr, '/etc/shadow has become a symlink, which is not kept')
    assert.equal(['/etc/passwd', '/etc/shadow', '/srv/target'].map(boot.read), [
      'root\n',
      'secret\n',
      'untouched',
    ])
    assert.equal(['/etc/null', '/etc/deep'].map(boot.has), [false, false])
    assert.equal(boot.names('/etc/ssh'), ['/config', '/key'])
  },
)

accept(
  'hostile',
  'a link on the device in place of a kept file, or of its folder, is not followed: what was changed is put aside',
  { image: IMAGE, disks: DISKS },
  async (computer) => {
    const boot = await spoil(
      computer,
      'rm etc/passwd; ln -s /etc/shadow etc/passwd; mv etc/ssh elsewhere; ln -s ../elsewhere etc/ssh',
    )
    assert.is(boot.status, 4)
    assert.match(
      boot.stderr,
      '/etc/passwd is left out: it is a file, and a symbolic link on the state device',
    )
    assert.match(boot.stderr, 'on the state device /etc/ssh is a symlink there')
    assert.is(boot.read('/etc/shadow'), 'secret\n')
    await computer.switchOff()
    assert.match(state(computer)['/.holdfast/aside/etc%2Fpasswd'] ?? '', 'renamed')
  },
)

run()
