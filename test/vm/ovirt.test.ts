import * as assert from 'uvu/assert'
import { command } from './image/command.ts'
import { ext4Disk, scratchPath } from './image/disk.ts'
import { checkFileSystem, textFromDisk, wasCleanlyUnmounted } from './image/ext4.ts'
import { initramfs } from './image/initramfs.ts'
import { installLvm } from './image/lvm.ts'
import { lvmDisk, volumeFrom } from './image/lvm-disk.ts'
import { kernelRelease, rootTree } from './image/tree.ts'
import { boot } from './machine/boot.ts'
import { NODE_CONFIG, NODE_FILES, NODE_PLACES } from './ovirt-node.ts'
import { rootWith } from './root-with.ts'
import { assertScriptSucceeded, scenarios } from './scenario.ts'
import { assertOrderlyEnd, END_OF_WORK } from './stateless-busy.ts'

const ovirt = scenarios('oVirt Node')

const MEBIBYTE = 1 << 20

const REPORT = `
look() { echo "$1=$(cat "$2" 2> /dev/null)"; { echo "$3" > "$2"; } 2> /dev/null || echo "$1-refused=yes"; }
look shadow /etc/shadow kept; look ovirt /etc/default/ovirt kept; look hosts /etc/hosts kept
look key /etc/ssh/ssh_host_rsa_key kept; look breth0 /etc/sysconfig/network-scripts/ifcfg-breth0 kept
look initiator /etc/iscsi/initiatorname.iscsi kept; look sshd /etc/ssh/sshd_config kept
look other /etc/other x; look known /root/.ssh/known_hosts x; look zone /var/empty/sshd/etc/localtime x
look network /var/lib/libvirt/network x; look usr /usr/x x
echo "kdump=$(ls /boot-kdump)"
findmnt -rno SOURCE,FSTYPE,OPTIONS,TARGET
holdfast status; echo "status=$?"
`

/** What fstab mounts is used, through all its names, and files stay open everywhere until the very end. */
const BUSY = `
where() { echo "$1=$(findmnt -no SOURCE,FSTYPE --mountpoint "$2" | tr -s ' ')"; }
where log /var/log; where data /data; where images /var/lib/libvirt/images; where core /var/log/core
echo "swap=$(grep -c ^/dev/dm- /proc/swaps)"
echo disk > /var/lib/libvirt/images/disk; echo core > /var/log/core/core; echo text > /var/log/text
echo "seen=$(cat /data/images/disk /data/core/core | tr '\\n' ' ')"
for folder in /etc /var/log /var/log/core /data /var/lib/libvirt/images /var/lib/libvirt /boot /config; do
  setsid sh -c 'exec 3>> "$1/open"; while echo line >&3; do sleep 1; done' sh $folder &
done
${END_OF_WORK}`

const KEPT = ['ovirt', 'hosts', 'key', 'breth0', 'initiator', 'shadow', 'sshd']
const OTHERS = ['other', 'known', 'zone', 'network', 'kdump']

ovirt('its set-up as it stands: LVM, the list in /config, fstab, a complete shutdown', async () => {
  const root = await rootWith({ ...NODE_FILES, ...NODE_PLACES })
  await installLvm('bookworm', root)
  await putInitramfs(root)
  const swap = scratchPath('swap')
  await command(['truncate', '-s', String(32 * MEBIBYTE), swap])
  await command(['mkswap', swap])
  const disk = await lvmDisk('bookworm', {
    Swap: swap,
    Config: await ext4Disk({ bytes: 64 * MEBIBYTE, label: 'CONFIG', content: NODE_CONFIG }),
    Logging: await ext4Disk({ bytes: 32 * MEBIBYTE, content: { 'core/.keep': '' } }),
    Data: await ext4Disk({
      bytes: 32 * MEBIBYTE,
      content: { 'images/.keep': '', 'core/.keep': '' },
    }),
  })
  // Nothing activates the volumes but holdfast.
  const common = {
    suite: 'bookworm',
    initramfs: 'lvm',
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck rd.lvm=0 systemd.show_status=1 printk.devkmsg=on',
    disks: [{ file: root, readOnly: true }, { file: disk.file }],
  } as const
  const first = await boot({ ...common, script: `${REPORT}sync` })
  const second = await boot({ ...common, init: 'systemd', script: `${REPORT}${BUSY}` })
  for (const [outcome, config, image] of [
    [first, 'config', 'image'],
    [second, 'kept', 'kept'],
  ] as const) {
    assertScriptSucceeded(outcome)
    const { values, text } = outcome.report
    const of = (names: readonly string[]) => names.map((name) => values[name])
    assert.equal(of(KEPT), [config, config, config, config, config, image, image], text)
    assert.equal(of(OTHERS), ['', 'image', 'image', 'image', ''], text)
    assert.equal(of(['other-refused', 'usr-refused', 'status']), [undefined, 'yes', '0'], text)
    assert.match(text, /^ {2}state +9 paths kept on \/dev\/HostVG\/Config$/m)
    assert.match(outcome.log, 'dry run: changed nothing')
    assert.match(outcome.log, /readonly-root:1: is no plain assignment/)
  }
  const { values, text } = second.report
  assert.equal(
    ['log', 'data', 'images', 'core', 'swap', 'seen'].map((name) => values[name]),
    [
      '/dev/mapper/HostVG-Logging ext4',
      '/dev/mapper/HostVG-Data ext4',
      '/dev/mapper/HostVG-Data[/images] ext4',
      '/dev/mapper/HostVG-Data[/core] ext4',
      '1',
      'disk core ',
    ],
    text,
  )
  assertOrderlyEnd(second)
  for (const name of ['Config', 'Logging', 'Data']) {
    const volume = await volumeFrom(disk, name)
    assert.ok(await wasCleanlyUnmounted(volume), name)
    await checkFileSystem(volume)
  }
  const config = await volumeFrom(disk, 'Config')
  assert.is(await textFromDisk(config, '/etc/shadow'), 'kept\n')
  assert.is(await textFromDisk(await volumeFrom(disk, 'Logging'), '/text'), 'text\n')
})

/** The image has its initramfs in /boot, to return to at shutdown: fstab names no other place. */
async function putInitramfs(root: string): Promise<void> {
  const packed = scratchPath('initrd')
  await command(['zstd', '-q', '-3', await initramfs('bookworm', 'lvm'), '-o', packed])
  const name = `/boot/initrd.img-${kernelRelease(await rootTree('bookworm'))}`
  await command(['debugfs', '-w', '-R', `write ${packed} ${name}`, root])
}

ovirt.run()
