import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  findMount,
  mountFinder,
  mountOf,
  mountsBelow,
  parentsOf,
  parseMountInfo,
  visibleMounts,
} from '../../../src/formats/mount-table.ts'
import { seededRandom } from './seeded-random.ts'

const initramfs = parseMountInfo(`1 1 0:2 / / rw - rootfs rootfs rw,size=988288k
22 1 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw
24 1 0:5 / /dev rw,nosuid shared:9 - devtmpfs devtmpfs rw,size=4096k,mode=755
27 1 0:22 / /run rw,nosuid,nodev shared:11 - tmpfs tmpfs rw,size=201160k,mode=755
40 27 8:17 / /run/holdfast/store rw,relatime shared:30 - ext4 /dev/sdb1 rw
50 1 8:1 / /sysroot ro,relatime shared:36 master:2 - ext4 /dev/sda1 ro,errors=remount-ro
51 50 8:2 / /sysroot/usr ro,relatime - ext4 /dev/sda2 ro
52 51 0:40 / /sysroot/usr/local rw - tmpfs tmpfs rw
53 50 8:3 / /sysroot/home rw - ext4 /dev/sda3 rw
`)

const ids = (mounts: readonly { mountId: number }[]) => mounts.map((mount) => mount.mountId)

test('every field of a line is read, whatever the number of its optional fields', () => {
  assert.is(initramfs.length, 9)
  assert.equal(initramfs[5], {
    mountId: 50,
    parentId: 1,
    device: '8:1',
    root: '/',
    mountPoint: '/sysroot',
    options: ['ro', 'relatime'],
    fsType: 'ext4',
    source: '/dev/sda1',
    superOptions: ['ro', 'errors=remount-ro'],
  })
  assert.is(initramfs[0]?.fsType, 'rootfs')
})

test('octal escapes stand for space, tab, newline, backslash and hash', () => {
  const [mount] = parseMountInfo(
    '7 1 8:1 /a\\040b /mnt/x\\011y\\012z\\134040\\043 rw - ext4 /dev/disk\\040one rw,x=\\134\n',
  )
  assert.is(mount?.root, '/a b')
  assert.is(mount?.mountPoint, '/mnt/x\ty\nz\\040#')
  assert.is(mount?.source, '/dev/disk one')
  assert.equal(mount?.superOptions, ['rw', 'x=\\'])
})

test('a comma in the value of an option is a part of it', () => {
  const [mount] = parseMountInfo('7 1 0:9 / /m rw - overlay o rw,upperdir=/a\\134\\054b,x=1\n')
  assert.equal(mount?.superOptions, ['rw', 'upperdir=/a\\,b', 'x=1'])
})

test('a hyphen among the first fields ends nothing, and an empty source is kept', () => {
  const [mount] = parseMountInfo('7 1 0:9 / - rw - tmpfs  rw\n')
  assert.is(mount?.mountPoint, '-')
  assert.is(mount?.source, '')
  assert.equal(mount?.superOptions, ['rw'])
})

test('lines of another form are left out', () => {
  assert.equal(parseMountInfo(''), [])
  assert.equal(parseMountInfo('7 1 8:1 / / rw ext4 /dev/sda1 rw\n\n'), [])
})

test('a mount is found at its own point alone', () => {
  assert.is(findMount(initramfs, '/sysroot')?.mountId, 50)
  assert.is(findMount(initramfs, '/')?.mountId, 1)
  assert.is(findMount(initramfs, '/sysroot/etc'), undefined)
  assert.is(findMount(initramfs, '/sys'), undefined)
})

test('a path lies on the mount that is nearest above it', () => {
  assert.is(mountOf(initramfs, '/sysroot/usr/bin')?.mountId, 51)
  assert.is(mountOf(initramfs, '/sysroot2')?.mountId, 1)
  assert.is(mountOf([], '/'), undefined)
})

const stacked = [
  ...initramfs,
  ...parseMountInfo(`60 50 253:1 / /sysroot rw - ext4 /dev/mapper/live-rw rw
61 60 0:41 / /sysroot/tmp rw - tmpfs tmpfs rw
`),
]

test('of mounts at one point the one on top is found, in whatever order they are listed', () => {
  assert.is(findMount(stacked, '/sysroot')?.mountId, 60)
  assert.is(findMount([...stacked].reverse(), '/sysroot')?.mountId, 60)
})

test('a mount that another one hides is not found', () => {
  assert.is(findMount(stacked, '/sysroot/usr'), undefined)
  assert.is(mountOf(stacked, '/sysroot/usr/local')?.mountId, 60)
})

test('the root is found where its parent is out of sight, as after switch_root', () => {
  const mounts = parseMountInfo(
    '30 2 8:1 / / rw - ext4 /dev/sda1 rw\n31 30 0:4 / /proc rw - proc proc rw\n',
  )
  assert.is(findMount(mounts, '/')?.mountId, 30)
  assert.is(findMount(mounts, '/proc')?.mountId, 31)
  assert.equal(ids(mountsBelow(mounts, '/')), [31])
})

test('the mounts below a path come in the order in which they can be made', () => {
  assert.equal(ids(mountsBelow(initramfs, '/sysroot')), [51, 52, 53])
  assert.equal(ids(mountsBelow(initramfs, '/run/holdfast')), [40])
  assert.equal(ids(mountsBelow(initramfs, '/home')), [])
  assert.is(mountsBelow(initramfs, '/').length, 8)
})

test('a parent comes before its child, though it be listed after it', () => {
  const moved = parseMountInfo(`1 1 0:2 / / rw - rootfs rootfs rw
10 20 8:2 / /n/usr rw - ext4 /dev/sda2 rw
20 1 8:1 / /n rw - ext4 /dev/sda1 rw
`)
  assert.equal(ids(mountsBelow(moved, '/')), [20, 10])
})

test('mounts that are hidden below a path are not among those below it', () => {
  assert.equal(ids(mountsBelow(stacked, '/sysroot')), [61])
})

test('two mounts at one point below a path are both there, the lower first', () => {
  const twice = [...initramfs, ...parseMountInfo('70 51 0:50 / /sysroot/usr rw - tmpfs tmpfs rw\n')]
  assert.equal(ids(mountsBelow(twice, '/sysroot')), [51, 52, 70, 53])
})

test('in 500 random tables the visible mounts are those that a look at their mount point finds', () => {
  const pick = seededRandom(4)
  const points = ['/', '/a', '/a/b', '/a/b/c', '/ab', '/a/d', '/e']
  let hidden = 0
  for (let round = 0; round < 500; round++) {
    const lines = ['1 0 0:1 / / rw - tmpfs t rw']
    for (let id = 2; id < 12; id++) {
      lines.push(`${id} ${1 + pick(id - 1)} 0:1 / ${points[pick(points.length)]} rw - tmpfs t rw`)
    }
    const mounts = parseMountInfo(lines.join('\n'))
    // A mount lies at or below the one that it is mounted on.
    const sound = mounts.filter(({ mountPoint, parentId }) => {
      const parent = mounts.find(({ mountId }) => mountId === parentId)?.mountPoint ?? '/'
      return parent === mountPoint || parentsOf(mountPoint).includes(parent)
    })
    const seen = sound.filter((mount) => findMount(sound, mount.mountPoint) === mount)
    assert.equal(ids(visibleMounts(sound)), ids(seen), lines.join('\n'))
    hidden += sound.length - seen.length
    const find = mountFinder(sound)
    for (const path of sound.flatMap(({ mountPoint }) => [mountPoint, `${mountPoint}/x/y`])) {
      assert.is(find(path)?.mountId, mountOf(sound, path)?.mountId, `${path}\n${lines.join('\n')}`)
    }
  }
  assert.ok(hidden > 500)
})

test('the parents of a path, the nearest first', () => {
  assert.equal(parentsOf('/a/b/c'), ['/a/b', '/a', '/'])
  assert.equal(parentsOf('/a'), ['/'])
  assert.equal(parentsOf('/'), [])
})

test.run()
