import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LiveRoot, parseConfig } from '../../../src/cmdline/config.ts'
import { imagesInCompressed, imagesOnMedium, proofOf } from '../../../src/live/image.ts'
import {
  type Medium,
  planBase,
  planCompressed,
  planCopyToRam,
  planMedium,
} from '../../../src/live/plan-live.ts'
import { disk, factsOf } from '../facts-of.ts'
import { lines, scriptOf } from '../script-of.ts'

const test = suite('live')

const LIVE = '/run/initramfs/live'
const SQUASH = '/run/initramfs/squashfs'
const MEDIUM: Medium = { device: disk('sr0', '11:0'), isoFile: undefined, type: 'iso9660' }

function medium(type: Medium['type'], arguments_ = '', more = {}): string {
  const device = disk('sr0', '11:0', undefined, more)
  const config = parseConfig(`root=live:/dev/sr0 ${arguments_}`)
  return scriptOf(planMedium(config, factsOf([device]), { device, isoFile: undefined, type }).plan)
}

test('a medium is mounted read-only where others look for it', () => {
  const expected = lines(
    '# the medium is /dev/sr0 (iso9660)',
    `mkdir -p ${LIVE}`,
    `mount -t iso9660 -o ro /dev/sr0 ${LIVE}`,
  )
  assert.is(medium('iso9660'), expected)
})

test('rw mounts it writable, where it can be written', () => {
  assert.match(medium('ext4', 'rw'), 'mount -t ext4 -o rw')
  assert.match(medium('ext4', 'rw', { readOnly: true }), 'mount -t ext4 -o ro')
  assert.match(medium('iso9660', 'rw'), 'mount -t iso9660 -o ro')
  assert.match(medium('ext4', 'rw ro'), 'mount -t ext4 -o ro')
})

test('the kernel finds out a type that is not known here', () => {
  const expected = lines(
    '# the medium is /dev/sr0 (of a type unknown here)',
    `mkdir -p ${LIVE}`,
    `mount -t auto -o ro /dev/sr0 ${LIVE}`,
  )
  assert.is(medium(undefined), expected)
})

test('a device that is itself the compressed image is not mounted as a medium', () => {
  for (const type of ['squashfs', 'erofs'] as const) {
    assert.is(medium(type), `# the medium is /dev/sr0 (${type})\n`)
  }
})

test('an ISO in a file is attached first', () => {
  const file: Medium = {
    device: undefined,
    isoFile: '/run/initramfs/isoscan/a b.iso',
    type: 'iso9660',
  }
  const { plan, folder } = planMedium(parseConfig('root=live:LABEL=L'), factsOf([]), file)
  const expected = lines(
    '# the medium is /run/initramfs/isoscan/a b.iso (iso9660)',
    "medium=$(losetup --find --show --read-only '/run/initramfs/isoscan/a b.iso')",
    `mkdir -p ${LIVE}`,
    `mount -t iso9660 -o ro "$medium" ${LIVE}`,
  )
  assert.is(scriptOf(plan), expected)
  assert.is(folder, LIVE)
})

test('a medium that is mounted there already is left alone', () => {
  const device = disk('sr0', '11:0')
  const facts = factsOf([device], [`30 2 11:0 / ${LIVE} ro - iso9660 /dev/sr0 ro`])
  const found = planMedium(parseConfig('root=live:/dev/sr0'), facts, {
    device,
    isoFile: undefined,
    type: 'iso9660',
  })
  assert.equal([found.plan.steps, found.folder], [[], LIVE])
})

test('modules that are missing are loaded before anything else', () => {
  const device = disk('sr0', '11:0')
  const facts = { ...factsOf([device]), missingModules: ['loop', 'dm_mod'] }
  const { plan } = planMedium(parseConfig('root=live:/dev/sr0'), facts, {
    device,
    isoFile: undefined,
    type: 'erofs',
  })
  assert.is(scriptOf({ ...plan, reasons: [] }), 'modprobe -a loop dm_mod\n')
})

test('a compressed image on the medium goes through a loop device', () => {
  const file = `${LIVE}/LiveOS/squashfs.img`
  const expected = lines(`mkdir -p ${SQUASH}`, `mount -t squashfs -o loop,ro ${file} ${SQUASH}`)
  assert.is(scriptOf(planCompressed({ kind: 'compressed', file }, 'squashfs')), expected)
})

test('a compressed image that is the device, or the ISO file, is mounted from it', () => {
  const script = (source: string | { loop: string }) =>
    scriptOf(planCompressed({ kind: 'compressed', source }, undefined))
  assert.is(
    script('/dev/sdb'),
    lines(`mkdir -p ${SQUASH}`, `mount -t auto -o ro /dev/sdb ${SQUASH}`),
  )
  assert.match(script({ loop: 'medium' }), 'mount -t auto -o ro "$medium"')
})

const BASE = `${SQUASH}/LiveOS/rootfs.img`

test('the base becomes a device that nothing can write to, mounted without replaying its journal', () => {
  const expected = lines(
    `# the base is ${BASE}`,
    `base=$(losetup --find --show --read-only ${BASE})`,
    'dmsetup create live-base --uuid holdfast-live-base --readonly --table "0 $(cat "/sys/class/block/${base#/dev/}/size") linear $base 0"',
    'mount -t ext4 -o ro,noload /dev/mapper/live-base /sysroot',
    'mkdir -p /run/holdfast',
    "printf %s '/dev/sr0",
    "' > /run/holdfast/live",
  )
  const image = { kind: 'file-system', file: BASE } as const
  assert.is(scriptOf(planBase('/sysroot', image, { type: 'ext4' }, MEDIUM)), expected)
})

test('how the journal is left alone depends on the type', () => {
  const options = (type: string | undefined) =>
    / -o (\S+) \/dev\/mapper/.exec(
      scriptOf(planBase('/sysroot', { kind: 'file-system', file: BASE }, { type }, MEDIUM)),
    )?.[1]
  assert.equal(['ext3', 'xfs', 'btrfs', undefined].map(options), [
    'ro,noload',
    'ro,norecovery',
    'ro',
    'ro',
  ])
})

test('a flat image is the root as it is', () => {
  const expected = lines(
    '# the image holds the root itself, not a file system image',
    `mount --bind ${SQUASH} /sysroot`,
    'mkdir -p /run/holdfast',
    "printf %s '/dev/sr0",
    "' > /run/holdfast/live",
  )
  const plan = planBase('/sysroot', { kind: 'flat', folder: SQUASH }, { type: undefined }, MEDIUM)
  assert.is(scriptOf(plan), expected)
})

test('rd.live.ram copies the image into a tmpfs of its size, and lets the medium go', () => {
  const expected = lines(
    `# the image is copied to RAM: ${LIVE}/LiveOS/squashfs.img`,
    'mkdir -p /run/initramfs/holdfast-image',
    'mount -t tmpfs -o size=537919488 tmpfs /run/initramfs/holdfast-image',
    `cp --reflink=auto --sparse=never ${LIVE}/LiveOS/squashfs.img /run/initramfs/holdfast-image/image`,
    `umount ${LIVE}`,
  )
  const { plan, file } = planCopyToRam(factsOf([]), `${LIVE}/LiveOS/squashfs.img`, 512 << 20)
  assert.is(scriptOf(plan), expected)
  assert.is(file, '/run/initramfs/holdfast-image/image')
})

test('an image that does not fit into the memory is refused', () => {
  assert.throws(
    () => planCopyToRam(factsOf([]), '/x', 2 ** 30),
    /'\/x' does not fit into the memory/,
  )
})

test('images are looked for in this order', () => {
  const looked = (arguments_: string) => {
    const { root } = parseConfig(`root=live:LABEL=L ${arguments_}`)
    return imagesOnMedium(root as LiveRoot, '/m').map(proofOf)
  }
  assert.equal(looked(''), [
    '/m/LiveOS/squashfs.img',
    '/m/LiveOS/rootfs.img',
    '/m/LiveOS/ext3fs.img',
  ])
  assert.equal(looked('rd.live.dir=/a/b/ rd.live.squashimg=x.erofs'), [
    '/m/a/b/x.erofs',
    '/m/a/b/rootfs.img',
    '/m/a/b/ext3fs.img',
  ])
  assert.equal(imagesInCompressed('/s').map(proofOf), [
    '/s/LiveOS/rootfs.img',
    '/s/LiveOS/ext3fs.img',
    '/s/usr',
  ])
})

test.run()
