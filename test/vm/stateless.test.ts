import * as assert from 'uvu/assert'
import { ext4Disk, persistenceDisk } from './image/disk.ts'
import { textFromDisk, wasCleanlyUnmounted } from './image/ext4.ts'
import { boot } from './machine/boot.ts'
import { rootWith } from './root-with.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

const stateless = scenarios('stateless')

const SETTINGS = '/etc/sysconfig/readonly-root'
/** What a shell in the booted system finds in a file, and whether it can write to it. */
const REPORT = `
look() { echo "$1=$(cat "$2" 2> /dev/null)"; { echo "$3" > "$2"; } 2> /dev/null || echo "$1-refused=yes"; }
findmnt -rno SOURCE,FSTYPE,TARGET
holdfast status
cat /run/holdfast/boot.json
`

stateless(
  'rwtab is volatile, statetab is kept, the root stays read-only, state is left clean',
  async () => {
    const root = await rootWith({
      [SETTINGS]: 'READONLY=yes\nSTATE_LABEL=STATE\nSLAVE_MOUNTS=yes\n',
      // Without ro: systemd-remount-fs would make the root writable.
      '/etc/fstab':
        'LABEL=ROOT / ext4 defaults 0 1\n/dev/disk/by-id/virtio-boot /boot ext4 noauto,ro 0 0\n',
      '/etc/rwtab': 'files /etc/foo\ndirs /var/log\nempty /tmp\n',
      '/etc/statetab': '/srv/dir\n/opt/kept\n',
      '/etc/foo': 'image',
      '/opt/kept': 'image',
      '/srv/dir/file': 'image',
      '/var/log/': '',
    })
    const state = await ext4Disk({ bytes: 32e6, label: 'STATE' })
    const disks = [{ file: root }, { file: state }]
    const script = `${REPORT}
    look foo /etc/foo volatile; look seen /srv/dir/file kept; look kept /opt/kept kept
    look other /etc/other x; look log /var/log/x x
    touch / 2> /dev/null && echo root=writable
    if [ -d /run/systemd/system ]; then
      systemctl show -p ActiveState -p Conflicts srv-dir.mount | tr '\\n' ' ' | sed 's/^/unit=/'
      echo
    fi
    sync`
    const quick = {
      suite: 'bookworm',
      initramfs: 'script',
      cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
    } as const
    const first = await boot({ ...quick, disks, script })
    const complete = { init: 'systemd', shutdownInitramfs: true, initramfs: 'systemd' } as const
    const second = await boot({ ...quick, ...complete, disks, script })
    for (const [outcome, seen] of [
      [first, 'image'],
      [second, 'kept'],
    ] as const) {
      assertScriptSucceeded(outcome)
      const { values, text } = outcome.report
      assert.equal([values['foo'], values['seen'], values['kept']], ['image', seen, seen], text)
      assert.equal([values['other-refused'], values['log-refused']], ['yes', undefined], text)
      assert.is(values['root'], undefined, text)
      assert.match(text, /^STATELESS +nothing can be written to the root, but for 5 paths$/m)
      assert.match(outcome.log, 'dry run: changed nothing')
    }
    // systemd takes it for a mount of the initramfs: no service that still uses it makes its unmount fail.
    assert.match(second.report.values['unit'] ?? '', /\bActiveState=active\b/, second.report.text)
    assert.not.match(second.report.values['unit'] ?? '', 'umount.target')
    assert.not.match(second.log, /Failed (to )?unmount/)
    assert.is(second.exit, 'poweroff')
    assert.ok(await wasCleanlyUnmounted(state))
    assert.is(await textFromDisk(root, '/srv/dir/file'), 'image')
  },
)

stateless(
  'a store for the root and a state device together: both keep, READONLY holds',
  async () => {
    const root = await rootWith({
      [SETTINGS]: 'READONLY=yes\nSTATE_LABEL=STATE\n',
      '/etc/rwtab': 'files /etc/foo\n',
      '/etc/statetab': '/srv/dir\n',
      '/etc/foo': 'image',
      '/srv/dir/file': 'image',
    })
    const disks = [
      { file: root, readOnly: true },
      { file: await persistenceDisk() },
      { file: await ext4Disk({ bytes: 32e6, label: 'STATE' }) },
    ]
    const cmdline = 'root=LABEL=ROOT ro rd.skipfsck rd.live.overlay=/dev/sdb:/persist-hda.img'
    const script = `${REPORT}
    look foo /etc/foo volatile; look seen /srv/dir/file kept; look other /etc/other x
    echo "root=$(findmnt -no SOURCE,OPTIONS / | tr ' ' , | cut -d, -f 1,2)"
    mount -o remount,rw / && look stored /usr/stored stored
    sync`
    for (const [seen, stored] of [
      ['image', ''],
      ['kept', 'stored'],
    ]) {
      const outcome = await boot({ suite: 'bookworm', initramfs: 'script', cmdline, disks, script })
      assertScriptSucceeded(outcome)
      const { values, text } = outcome.report
      assert.equal([values['foo'], values['seen'], values['stored']], ['image', seen, stored], text)
      assert.is(values['other-refused'], 'yes', text)
      assert.is(values['root'], '/dev/mapper/live-rw,ro')
      assert.match(text, /^PERSISTENT /m)
      assert.match(text, /^ {2}state +1 path kept on \/dev\/sdc$/m)
      assert.match(outcome.log, 'dry run: changed nothing')
    }
  },
)

stateless.run()
