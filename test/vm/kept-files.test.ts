import * as assert from 'uvu/assert'
import { packageInBase64 } from './debian-package.ts'
import { ext4Disk } from './image/disk.ts'
import { namesOnDisk, textFromDisk, wasCleanlyUnmounted } from './image/ext4.ts'
import { boot } from './machine/boot.ts'
import { rootWith } from './root-with.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'

const files = scenarios('kept files')

const ROOT = {
  '/etc/sysconfig/readonly-root': 'READONLY=yes\nSTATE_LABEL=stateless-state\n',
  '/etc/fstab': 'LABEL=ROOT / ext4 ro 0 1\n/dev/disk/by-id/virtio-boot /boot ext4 noauto,ro 0 0\n',
  '/etc/rwtab': 'empty /tmp\nempty /var/tmp\nfiles /var/lib/dpkg\n',
  '/etc/statetab': [
    ...['passwd', 'shadow', 'group', 'gshadow', 'subuid', 'subgid', 'hosts', 'motd', 'issue'],
    ...['packaged', 'configured', 'edited', 'entered'],
    // Nothing is there before somebody makes it.
    ...['ssh/host_key', 'made'],
  ]
    .map((name) => `/etc/${name}\n`)
    .join(''),
  '/etc/hosts': '127.0.0.1 image\n',
  '/etc/motd': 'image\n',
  '/etc/issue': 'image\n',
  '/etc/systemd/system/renames.service': `[Service]
Type=oneshot
PrivateTmp=yes
PrivateMounts=yes
ProtectHome=yes
ExecStart=/bin/sh -ec 'echo service > /etc/issue.tmp; mv /etc/issue.tmp /etc/issue'
`,
  '/etc/systemd/system/runs.service': `[Service]
ExecStart=/bin/sleep infinity
PrivateTmp=yes
ProtectSystem=yes
`,
  '/etc/packaged': 'image\n',
  '/etc/configured': 'image\n',
  '/etc/edited': 'image\n',
  '/etc/entered': 'image\n',
  '/var/lib/dpkg/status': '',
  '/var/lib/dpkg/info/format': '1\n',
  '/var/lib/dpkg/updates/': '',
}

/** A package that owns two listed files, one of them a configuration file, and one that is not listed. */
const kelp = () =>
  packageInBase64(
    { '/etc/packaged': 'package\n', '/etc/configured': 'package\n', '/etc/unlisted': 'package\n' },
    ['/etc/configured'],
  )

/** What the tools do that a mount point of a file makes fail. */
const MAKE = `
mkdir -p /etc/ssh; umask 077; echo key > /etc/ssh/host_key; umask 022
mkdir /etc/made; echo made > /etc/made/file; ln -s file /etc/made/link
`

const CHANGE = `
set -e
systemctl start runs.service
pid=$(systemctl show --property=MainPID --value runs.service)
in_service() { nsenter --target "$pid" --mount sh -ec "$1"; }
[ "$(readlink /proc/$pid/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]
useradd kelp
echo kelp:seaweed | chpasswd
usermod -c Holdfast kelp
passwd -l root
# As vi does it: the old file is moved aside, and a new one is made under its name.
mv /etc/edited /etc/edited~; echo edited > /etc/edited; rm /etc/edited~
in_service 'echo entered > /etc/entered+; mv /etc/entered+ /etc/entered; useradd -M bladder'
base64 -d > /tmp/kelp.deb << 'END'
PACKAGE
END
dpkg --force-confnew -i /tmp/kelp.deb
sed -i s/image/edited/ /etc/hosts
systemctl start renames.service
rm /etc/motd
echo new > /etc/unlisted; rm /etc/edition
echo "issue=$(cat /etc/issue)"
echo "entered=$(cat /etc/entered)"
echo service=$(in_service 'grep -c "^kelp:\\|^bladder:" /etc/passwd; cat /etc/edited /etc/packaged')
`

const LOOK = `
echo "user=$(getent passwd kelp | cut -d: -f1,5)"
echo "password=$(grep -c '^kelp:[$]' /etc/shadow)"
echo "group=$(getent group kelp | cut -d: -f1)"
echo "hosts=$(grep -o 'image\\|edited' /etc/hosts)"
echo "issue=$(cat /etc/issue)"
echo "motd=$(ls /etc/motd)"
echo "unlisted=$(ls /etc/unlisted)"
echo "edition=$(cat /etc/edition)"
echo tools=$(cat /etc/edited /etc/entered /etc/packaged /etc/configured)
echo "users=$(grep -c '^bladder:' /etc/passwd)$(grep -c '^bladder:' /etc/shadow)$(grep -c '^root:!' /etc/shadow)"
echo left=$(ls -A /etc | grep -E '[~+]$|dpkg-|lock$' | grep -v '^[.]pwd[.]lock$')
echo "root=$(findmnt -no OPTIONS / | grep -o '^r[ow]')"
echo made=$(cat /etc/ssh/host_key /etc/made/link; stat -c %a /etc/ssh/host_key; findmnt -no FSTYPE /etc/made)
echo "etc=$(findmnt -no FSTYPE /etc)"
echo "mode=$(stat -c %a:%u:%g /etc /etc/shadow | tr '\\n' ' ')"
holdfast status
`

files(
  '24: useradd, passwd, editors, dpkg -i and services with mounts of their own rename over kept files',
  async () => {
    const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
    const root = await rootWith(ROOT)
    const machine = {
      suite: 'bookworm',
      initramfs: 'systemd',
      init: 'systemd',
      shutdownInitramfs: true,
      cmdline: 'root=LABEL=ROOT ro systemd.show_status=1 printk.devkmsg=on',
      disks: [{ file: root, readOnly: true }, { file: state }],
    } as const
    const first = await boot({ ...machine, script: CHANGE.replace('PACKAGE', await kelp()) })
    assertScriptSucceeded(first)
    assert.match(first.log, 'dry run: changed nothing')
    assert.is(first.report.values['issue'], 'service')
    assert.is(first.report.values['entered'], 'entered')
    // The service has begun before anything was renamed, and sees all of it.
    assert.is(first.report.values['service'], '2 edited package')
    assert.not.match(first.log, /Failed (to )?u(n)?mount/i)
    assert.ok(await wasCleanlyUnmounted(state))
    // The shutdown has brought them home.
    assert.match(await textFromDisk(state, '/etc/passwd'), /^kelp:/m)
    assert.match(await textFromDisk(state, '/etc/hosts'), 'edited')
    assert.is(await textFromDisk(state, '/etc/issue'), 'service\n')
    assert.not((await namesOnDisk(state, '/etc')).includes('motd'))

    const second = await boot({ ...machine, script: LOOK })
    assertScriptSucceeded(second)
    const { values, text } = second.report
    const seen = ['user', 'password', 'group', 'hosts', 'issue', 'motd', 'unlisted', 'edition']
    assert.equal(
      [...seen, 'root', 'etc', 'tools', 'users', 'left'].map((name) => values[name]),
      [
        ...['kelp:Holdfast', '1', 'kelp', 'edited', 'service', '', '', '1', 'ro', 'overlay'],
        ...['edited entered package package', '111', ''],
      ],
      text,
    )
    assert.match(values['mode'] ?? '', /^755:0:0 640:0:42/)
  },
)

files(
  '24: a power cut: what was renamed is kept, the deletion too, whatever else is gone',
  async () => {
    const state = await ext4Disk({ bytes: 64e6, label: 'stateless-state' })
    const machine = {
      suite: 'bookworm',
      initramfs: 'script',
      cmdline: 'root=LABEL=ROOT ro',
      disks: [{ file: await rootWith(ROOT), readOnly: true }, { file: state }],
    } as const
    const change = `${MAKE}
    useradd kelp && sed -i s/image/edited/ /etc/hosts && rm /etc/motd && echo new > /etc/unlisted
    sync; echo done=yes; echo b > /proc/sysrq-trigger; sleep 60`
    const cut = await boot({ ...machine, script: change })
    assert.is(cut.report.values['done'], 'yes', cut.report.text)
    for (const _ of ['the boot after', 'and one more']) {
      const outcome = await boot({ ...machine, script: LOOK })
      assertScriptSucceeded(outcome)
      const { values, text } = outcome.report
      assert.equal(
        ['user', 'hosts', 'motd', 'unlisted', 'etc', 'made'].map((name) => values[name]),
        ['kelp:', 'edited', '', '', 'overlay', 'key made 600 ext4'],
        text,
      )
    }
  },
)

files.run()
