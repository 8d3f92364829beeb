import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judgePath } from '../../../src/keeping/judge-path.ts'
import { disk, loop } from '../facts-of.ts'
import { liveRoot, place, running, say } from './keeping-of.ts'

const test = suite('which: the verdict on a path')

const STORE = '/run/initramfs/overlayfs/persist.img'
const kept = { mode: 'persistent', store: '/dev/sdb:/persist.img' } as const
const sda = disk('sda', '8:0', 'ext4')
const sdc = disk('sdc', '8:32', 'ext4')
const ROOT = '10 0 8:0 / / rw - ext4 /dev/sda rw'
const MOVED = '11 10 0:2 / /run rw - tmpfs tmpfs rw'

test('a root whose store lies on a device is kept by it, and the device is named', () => {
  const all = liveRoot(STORE, { record: kept })
  assert.is(say(all, '/etc/passwd'), 'kept: store /dev/sdb:/persist.img')
  const { mechanism, device } = judgePath(all, place('/etc/passwd'))
  assert.equal([mechanism, device], ['store', '/dev/sdb'])
})

test('without a record the store is named by its file', () => {
  assert.is(say(liveRoot(STORE), '/etc/passwd'), `kept: store ${STORE}`)
})

test('a root whose store lies on a tmpfs is lost, whatever the record says', () => {
  const file = '/run/initramfs/holdfast-ram/store'
  for (const record of [{}, kept, { mode: 'temporary' } as const]) {
    assert.is(say(liveRoot(file, { record }), '/etc/x'), "lost: the root's changes are in RAM")
  }
})

test('where the store of stock dracut is hidden, the record decides', () => {
  const hidden = '/overlay (deleted)'
  assert.is(say(liveRoot(hidden, { record: kept }), '/x'), 'kept: store /dev/sdb:/persist.img')
  const temporary = { mode: 'temporary' } as const
  assert.is(
    say(liveRoot(hidden, { record: temporary }), '/x'),
    "lost: the root's changes are in RAM",
  )
  assert.is(say(liveRoot(hidden), '/x'), "unclear: nothing tells where the root's store is")
  // Seen from here its path seems to lie on the root that stands on it.
  assert.is(say(liveRoot('/persist.img'), '/x'), "unclear: nothing tells where the root's store is")
})

test('a store that is full takes nothing', () => {
  for (const kind of ['overflow', 'invalid'] as const) {
    const all = liveRoot(STORE, { record: kept, state: { kind } })
    assert.is(say(all, '/x'), 'unwritable: the store /dev/sdb:/persist.img is full: writes fail')
  }
})

test('an untouched root is kept by itself, or cannot be written', () => {
  assert.is(say(running([sda], [ROOT]), '/x'), 'kept: the root itself, ext4 on /dev/sda')
  const bySuper = running([sda], ['10 0 8:0 / / rw - ext4 /dev/sda ro'])
  const byMount = running([sda], ['10 0 8:0 / / ro - ext4 /dev/sda rw'])
  for (const all of [bySuper, byMount]) {
    assert.is(say(all, '/x'), 'unwritable: the root is mounted read-only')
  }
})

test('tmpfs and ramfs are lost, the nearest mount decides', () => {
  const all = running(
    [sda],
    [ROOT, '11 10 0:5 / /tmp rw - tmpfs tmpfs rw', '12 10 0:6 / /r rw - ramfs r rw'],
  )
  assert.is(say(all, '/tmp/x'), 'lost: tmpfs at /tmp')
  assert.is(say(all, place('/r', 'directory')), 'lost: ramfs at /r')
  assert.is(say(all, '/tmpx'), 'kept: the root itself, ext4 on /dev/sda')
})

test('a device, a folder of it bound elsewhere, and a btrfs subvolume are kept on the device', () => {
  const btrfs = disk('sdd', '8:48', 'btrfs')
  const all = running(
    [sda, sdc, btrfs],
    [
      ROOT,
      '11 10 8:32 / /srv rw - ext4 /dev/sdc rw',
      '12 10 8:32 /keys /etc/ssh rw - ext4 /dev/sdc rw',
      '13 10 0:40 /@home /home rw - btrfs /dev/sdd rw',
    ],
  )
  assert.is(say(all, '/srv/x'), 'kept: /dev/sdc, ext4 at /srv')
  assert.is(say(all, '/etc/ssh/key'), 'kept: /dev/sdc:/keys, ext4 at /etc/ssh')
  assert.is(say(all, '/home/x'), 'kept: /dev/sdd, btrfs at /home')
})

test('a bind-mounted file is kept, and cannot be renamed over; a folder can hold renames', () => {
  const all = running([sda, sdc], [ROOT, '11 10 8:32 /f /etc/f rw - ext4 /dev/sdc rw'])
  const words = 'kept: /dev/sdc:/f, ext4 at /etc/f'
  assert.is(say(all, '/etc/f'), `${words}; a bind-mounted file: it cannot be renamed over`)
  assert.is(say(all, place('/etc/f', 'directory')), words)
})

test('NFS is kept by its server', () => {
  const all = running([sda], [ROOT, '11 10 0:50 / /data rw - nfs4 nas:/export rw'])
  assert.is(say(all, place('/data/x', undefined)), 'kept: server nas:/export, nfs4 at /data')
})

test("what the kernel shows is no file, and nobody's to lose", () => {
  const all = running(
    [sda],
    [ROOT, '11 10 0:5 / /proc rw - proc proc rw', '12 10 0:6 / /dev rw - devtmpfs d rw'],
  )
  assert.is(say(all, '/proc/1'), "no-file: proc at /proc: the kernel's, no files")
  assert.is(say(all, '/dev/null'), "no-file: devtmpfs at /dev: the kernel's, no files")
})

test('an overlay is as its upper layer, and one without any cannot be written', () => {
  const overlay = (options: string) => `13 10 0:60 / /media rw - overlay o rw,lowerdir=/l${options}`
  const mounts = [ROOT, MOVED, '12 10 8:32 / /up rw - ext4 /dev/sdc rw']
  const all = (options: string) => running([sda, sdc], [...mounts, overlay(options)])
  assert.is(
    say(all(',upperdir=/up/u,workdir=/up/w'), '/media/x'),
    'kept: the upper layer of the overlay at /media: /up/u, /dev/sdc, ext4 at /up',
  )
  assert.is(
    say(all(',upperdir=/run/u,workdir=/run/w'), '/media/x'),
    'lost: the upper layer of the overlay at /media is in RAM',
  )
  assert.is(say(all(''), '/media/x'), 'unwritable: the overlay at /media has no upper layer')
})

test('the upper layer of an overlay may be named by a link, as stock dracut does', () => {
  const made = running(
    [disk('sdc', '8:32', 'ext4')],
    [
      '10 0 0:59 / / ro - tmpfs tmpfs rw',
      '11 10 0:2 / /run rw - tmpfs tmpfs rw',
      '12 11 8:32 / /run/initramfs/overlayfs rw - ext4 /dev/sdc rw',
      '13 10 0:60 / /media rw - overlay o rw,lowerdir=/l,upperdir=/run/overlayfs',
    ],
  )
  const upperFolders = new Map([['/run/overlayfs', '/run/initramfs/overlayfs/u']])
  assert.is(
    say({ ...made, upperFolders }, '/media/x'),
    'kept: the upper layer of the overlay at /media: /run/overlayfs, /dev/sdc, ext4 at /run/initramfs/overlayfs',
  )
})

test('the upper layer of an overlay may have a comma in its name, as the kernel shows it', () => {
  const upper = 'upperdir=/run/a\\134\\054b/u'
  const all = running(
    [sda],
    [
      ROOT,
      '11 10 8:32 / /run/a rw - ext4 /dev/sdc rw',
      '12 10 0:9 / /run/a,b rw - tmpfs t rw',
      `13 10 0:60 / /media rw - overlay o rw,lowerdir=/l,${upper}`,
    ],
  )
  assert.is(say(all, '/media/x'), 'lost: the upper layer of the overlay at /media is in RAM')
})

test('an OverlayFS root is kept in its store, or lost with it', () => {
  const root = (upper: string) => `10 0 0:60 / / rw - overlay holdfast rw,upperdir=${upper}`
  const below = [MOVED, '12 11 8:32 / /run/initramfs/overlayfs rw - ext4 /dev/sdc rw']
  const all = (upper: string) =>
    running([sdc], [root(upper), ...below], {
      record: { mode: 'persistent', store: 'LABEL=P:/dir' },
    })
  assert.is(say(all('/run/initramfs/overlayfs/dir'), '/x'), 'kept: store LABEL=P:/dir')
  assert.is(say(all('/run/initramfs/other/dir'), '/x'), "lost: the root's changes are in RAM")
})

test('an upper layer that is not seen from here, as in a container, is said to be so', () => {
  const all = running([], ['10 0 0:60 / / rw - overlay overlay rw,upperdir=/var/lib/c/u'])
  assert.is(say(all, '/x'), 'unclear: the upper layer /var/lib/c/u of / cannot be seen from here')
})

test('an image is as the file system that its file lies on', () => {
  const image = (backingFile: string) =>
    running([sda, loop(3, backingFile)], [ROOT, MOVED, '12 10 7:3 / /img rw - ext4 /dev/loop3 rw'])
  assert.is(say(image('/i.img'), '/img/x'), 'kept: /i.img on /dev/sda, ext4 at /img')
  assert.is(say(image('/run/i.img'), '/img/x'), 'lost: /run/i.img is in RAM: tmpfs at /run')
  assert.is(
    say(image('/i.img (deleted)'), '/img/x'),
    'unclear: the file /i.img (deleted) cannot be seen from here',
  )
})

test('a compressed disk in RAM is lost', () => {
  const all = running(
    [sda, disk('zram0', '252:0', 'ext4')],
    [ROOT, '11 10 252:0 / /var/log rw - ext4 /dev/zram0 rw'],
  )
  assert.is(say(all, '/var/log/x'), 'lost: /dev/zram0 is in RAM')
})

test('what is mounted by a program, or when it is used, is unclear', () => {
  const all = running(
    [sda],
    [ROOT, '11 10 0:7 / /s rw - fuse.sshfs host: rw', '12 10 0:8 / /a rw - autofs a rw'],
  )
  assert.is(say(all, '/s/x'), 'unclear: fuse.sshfs of host: at /s')
  assert.is(say(all, '/a/x'), 'unclear: autofs of a at /a')
})

test('of two mounts in one place the upper one decides, and what it hides is said', () => {
  const stacked = running(
    [sda, sdc],
    [ROOT, '11 10 8:32 / /srv rw - ext4 /dev/sdc rw', '12 11 0:9 / /srv rw - tmpfs t rw'],
  )
  assert.is(say(stacked, '/srv/x'), 'lost: tmpfs at /srv; hides ext4 of /dev/sdc at /srv')
  const deeper = running(
    [sda, sdc],
    [ROOT, '11 10 8:32 / /srv/a rw - ext4 /dev/sdc rw', '12 10 0:9 / /srv rw - tmpfs t rw'],
  )
  assert.is(say(deeper, '/srv/a/x'), 'lost: tmpfs at /srv; hides ext4 of /dev/sdc at /srv/a')
  const automounted = running(
    [sda, sdc],
    [ROOT, '11 10 0:8 / /srv rw - autofs a rw', '12 11 8:32 / /srv rw - ext4 /dev/sdc rw'],
  )
  assert.is(say(automounted, '/srv/x'), 'kept: /dev/sdc, ext4 at /srv')
})

test('for a path that is not there its nearest folder decides', () => {
  const missing = { ...place('/tmp/a/b'), nearest: '/tmp', kind: undefined, code: 'ENOENT' }
  const all = running([sda], [ROOT, '11 10 0:5 / /tmp rw - tmpfs tmpfs rw'])
  assert.is(say(all, missing), 'lost: tmpfs at /tmp; not there yet: /tmp decides')
  const closed = { ...missing, code: 'EACCES' }
  assert.is(say(all, closed), 'lost: tmpfs at /tmp; cannot be looked at (EACCES): /tmp decides')
  assert.is(say(all, { ...missing, code: 'ELOOP' }), 'unclear: its links lead in circles')
})

test('in the initramfs a path is one below $NEWROOT, but for what moves into the root', () => {
  const made = running(
    [sda],
    [
      '10 0 0:1 / / rw - tmpfs initramfs rw',
      '11 10 8:0 / /sysroot rw - ext4 /dev/sda rw',
      '12 11 0:5 / /sysroot/tmp rw - tmpfs t rw',
      '13 10 0:6 / /run rw - tmpfs t rw',
    ],
  )
  const all = { ...made, facts: { ...made.facts, newRoot: '/sysroot' } }
  assert.is(say(all, '/etc/x'), 'kept: the root itself, ext4 on /dev/sda')
  assert.is(say(all, '/tmp/x'), 'lost: tmpfs at /tmp')
  assert.is(say(all, '/run/x'), 'lost: tmpfs at /run')
})

test.run()
