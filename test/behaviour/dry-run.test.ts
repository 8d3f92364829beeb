import * as assert from 'uvu/assert'
import { dryRun, factsFile } from './desk.ts'
import { behaviour, type Outcome } from './executables.ts'
import { callUntouched } from './untouched.ts'

const test = behaviour('dry run at the desk')

const NOT_THERE = 'LABEL=PERSIST did not appear within 5 s (rd.holdfast.timeout=)'

/** A boot in which the persistence device is not there. */
function withoutStore(onFail: string) {
  const cmdline = 'root=live:CDLABEL=LIVE rd.live.overlay=LABEL=PERSIST:/persist.img'
  const more = `rd.holdfast.timeout=5 rd.holdfast.onfail=${onFail}`
  return dryRun('boot', 'live-root-no-store', '--cmdline', `${cmdline} ${more}`)
}

function isQuietSuccess({ status, stderr }: Outcome): void {
  assert.is(stderr, '')
  assert.is(status, 0)
}

test('a live root gets its store over the base', () => {
  const planned = dryRun('boot', 'live-root')
  assert.equal(planned.script, [
    'set -e',
    '# the store is /persist-hda.img on /dev/sdb',
    'mkdir -p /run/initramfs/overlayfs',
    'mount -t ext4 -o rw,noatime /dev/sdb /run/initramfs/overlayfs',
    '# what the store holds is not known before its device is mounted: taken for what was asked',
    '# persistent: /dev/sdb:/persist-hda.img',
    'store=$(losetup --find --show --nooverlap /run/initramfs/overlayfs/persist-hda.img)',
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/dm-0 $store PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o rw /dev/mapper/live-rw /sysroot',
    '(record)',
    'rm -f /run/motd.d/holdfast',
    "printf %s '' > /run/initramfs/.need_shutdown",
    '(monitor)',
  ])
  assert.is(planned.record.mode, 'persistent')
  assert.is(planned.record.asked, 'rd.live.overlay=/dev/sdb:/persist-hda.img')
  isQuietSuccess(planned)
})

test('a root that keeps its changes gets the monitor in /run', () => {
  const { stdout } = dryRun('boot', 'live-root')
  assert.match(
    stdout,
    '\nmkdir -p /run/holdfast/bin\ncp /usr/sbin/holdfast /run/holdfast/bin/holdfast\n',
  )
  assert.match(stdout, '\nExecStart=/run/holdfast/bin/holdfast monitor\n')
  const wants = '/run/systemd/system/sysinit.target.wants/holdfast-monitor.service'
  assert.match(stdout, `\nrm -f ${wants}\nln -s ../holdfast-monitor.service ${wants}\n`)
})

test('the bare command is boot', () => {
  const bare = callUntouched({ argv: ['--dry-run', '--facts', factsFile('live-root')] })
  assert.is(bare.stdout, dryRun('boot', 'live-root').stdout)
})

test('--cmdline counts more than the command line of the facts', () => {
  const planned = dryRun('boot', 'live-root', '--cmdline', 'root=live:CDLABEL=LIVE')
  assert.is(planned.record.mode, 'temporary')
  assert.not.match(planned.stdout, '/dev/sdb')
  isQuietSuccess(planned)
})

test('an empty --cmdline is one without arguments', () => {
  const planned = dryRun('boot', 'live-root', '--cmdline', '')
  assert.equal(planned.script, ['# the root is left as it is'])
  isQuietSuccess(planned)
})

test('a mount below an ordinary root is carried over', () => {
  const planned = dryRun('boot', 'ordinary-root')
  assert.equal(planned.script.slice(6), [
    'store=$(losetup --find --show --nooverlap /run/initramfs/overlayfs/stores/web.cow)',
    'mkdir -p /run/holdfast/carry/0',
    'mount --bind --make-private /sysroot/usr /run/holdfast/carry/0',
    'umount /sysroot/usr',
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/vda1 $store PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o ro /dev/mapper/live-rw /sysroot',
    'mount --bind /run/holdfast/carry/0 /sysroot/usr',
    '(record)',
    'rm -f /run/motd.d/holdfast',
    "printf %s '' > /run/initramfs/.need_shutdown",
    'umount /run/holdfast/carry/0',
    '(monitor)',
  ])
  isQuietSuccess(planned)
})

test('a root that is squashfs itself gets OverlayFS, and the plan says so', () => {
  const planned = dryRun('boot', 'squashfs-root')
  const layers =
    'upperdir=/run/initramfs/overlayfs/changes,workdir=/run/initramfs/overlayfs/ovlwork'
  assert.ok(planned.script.some((line) => line.startsWith('# the base is squashfs')))
  assert.ok(
    planned.script.includes(
      `mount -t overlay -o rw,lowerdir=/run/initramfs/rootfsbase,${layers} holdfast /sysroot`,
    ),
  )
  assert.is(planned.record.technology, 'overlayfs')
  isQuietSuccess(planned)
})

test('live goes from the medium down to the root image', () => {
  const planned = dryRun('live', 'live-medium')
  assert.equal(planned.script, [
    'set -e',
    '# the medium is /dev/sda (iso9660)',
    'modprobe -a loop dm_mod',
    'mkdir -p /run/initramfs/live',
    'mount -t iso9660 -o ro /dev/sda /run/initramfs/live',
    '# what /run/initramfs/live holds is not known before it is mounted: taken for the usual',
    'mkdir -p /run/initramfs/squashfs',
    'mount -t auto -o loop,ro /run/initramfs/live/LiveOS/squashfs.img /run/initramfs/squashfs',
    '# what /run/initramfs/squashfs holds is not known before it is mounted: taken for the usual',
    '# the base is /run/initramfs/squashfs/LiveOS/rootfs.img',
    'base=$(losetup --find --show --read-only /run/initramfs/squashfs/LiveOS/rootfs.img)',
    'dmsetup create live-base --uuid holdfast-live-base --readonly --table "0 $(cat "/sys/class/block/${base#/dev/}/size") linear $base 0"',
    'mount -t auto -o ro /dev/mapper/live-base /sysroot',
    'mkdir -p /run/holdfast',
    "printf %s '/dev/sda",
    "' > /run/holdfast/live",
  ])
  isQuietSuccess(planned)
})

test('live looks for an ISO file on the devices that hold a file system', () => {
  const cmdline = 'root=live:CDLABEL=LIVE iso-scan/filename=/isos/one.iso'
  const planned = dryRun('live', 'live-medium', '--cmdline', cmdline)
  assert.is(planned.script[1], '# looking for /isos/one.iso on /dev/sda')
  assert.ok(
    planned.script.includes(
      'medium=$(losetup --find --show --read-only /run/initramfs/isoscan/isos/one.iso)',
    ),
  )
  isQuietSuccess(planned)
})

test('live says with status 5 that the medium is not there yet', () => {
  const planned = dryRun('live', 'live-medium', '--cmdline', 'root=live:LABEL=OTHER')
  assert.is(planned.stdout, '')
  assert.is(planned.status, 5)
})

test('live leaves a root that is mounted already as it is', () => {
  const planned = dryRun('live', 'live-root')
  assert.equal(planned.script, ['# a root is mounted at /sysroot already'])
  isQuietSuccess(planned)
})

test('boot has no root to work on before live has run', () => {
  const { status, stdout, stderr } = dryRun('boot', 'live-medium')
  assert.is(stdout, '')
  assert.match(
    stderr,
    'holdfast: refused: no root is mounted at /sysroot\n          holdfast boot ',
  )
  assert.is(status, 3)
})

test('without its device a root is temporary, and says why', () => {
  const planned = withoutStore('temporary')
  assert.is(planned.script[1], `# TEMPORARY: changes are lost at shutdown: ${NOT_THERE}`)
  assert.ok(planned.script.includes('truncate -s 805306368 /run/initramfs/holdfast-ram/store'))
  assert.is(planned.record.why, NOT_THERE)
  assert.is(planned.status, 4)
})

test('rd.holdfast.onfail=readonly touches no mount and no device', () => {
  const planned = withoutStore('readonly')
  assert.equal(planned.script.slice(0, 4), [
    'set -e',
    `# READ-ONLY: nothing can be written to the root: ${NOT_THERE}`,
    '(record)',
    'mkdir -p /run/motd.d',
  ])
  assert.not.match(planned.stdout, /^(mount|umount|losetup|dmsetup)/m)
  assert.is(planned.record.mode, 'readonly')
  assert.is(planned.status, 4)
})

test('rd.holdfast.onfail=shell asks the hook for a shell', () => {
  const planned = withoutStore('shell')
  assert.equal(planned.script.slice(-2), [`printf %s '${NOT_THERE}`, "' > /run/holdfast/shell"])
  assert.is(planned.status, 4)
})

for (const [onFail, key] of [
  ['reboot', 'b'],
  ['poweroff', 'o'],
] as const) {
  test(`rd.holdfast.onfail=${onFail} plans nothing else`, () => {
    const planned = withoutStore(onFail)
    const restart = `echo s > /proc/sysrq-trigger; echo ${key} > /proc/sysrq-trigger`
    assert.equal(planned.script, ['set -e', `# ${NOT_THERE}`, restart])
    assert.match(planned.stderr, new RegExp(`^holdfast: ${onFail}\\b.*rd\\.holdfast\\.onfail=`))
    assert.match(planned.stderr, NOT_THERE)
    assert.is(planned.status, 4)
  })
}

test.run()
