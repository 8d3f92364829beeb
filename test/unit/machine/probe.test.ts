import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  isInitramfs,
  probeCmdline,
  probeContent,
  probeMachine,
  probeNewRoot,
} from '../../../src/machine/probe.ts'
import { imageStart } from '../image-start.ts'
import { mapSystem } from '../map-system.ts'

const test = suite('probe')

const maps = {
  texts: {
    '/proc/cmdline': 'quiet\n',
    '/proc/meminfo': 'MemTotal:        2048 kB\nMemFree: 1 kB\n',
    '/proc/self/mountinfo': '1 0 0:1 / / rw - rootfs rootfs rw\n',
    '/dev/loop-control': '',
    '/sys/class/block/sda/size': '0\n',
    '/sys/class/block/sdb/size': '2048\n',
    '/sys/class/block/sdb/dev': '8:16\n',
    '/sys/class/block/sdb/ro': '1\n',
    '/sys/class/block/sdb/holders/dm-0': '',
    '/sys/class/block/sdb1/size': '1024\n',
    '/sys/class/block/sdb1/partition': '1\n',
    '/sys/class/block/cciss!c0d0/size': '1\n',
    '/sys/class/block/dm-0/size': '8\n',
    '/sys/class/block/dm-0/dm/name': 'live-rw\n',
    '/sys/class/block/dm-0/dm/uuid': 'holdfast-live-rw\n',
    '/sys/class/block/dm-0/slaves/sdb': '',
    '/sys/class/block/loop0/size': '8\n',
    '/sys/class/block/loop0/loop/backing_file': '/a/b.img\n',
    '/sys/class/block/loop0/loop/autoclear': '1\n',
    '/sys/class/block/loop1/size': '8\n',
  },
  links: {
    '/dev/mapper/live-rw': '../dm-0',
    '/dev/disk/by-label/P': '../../sdb',
    '/dev/disk/by-uuid/1-2': '/dev/sdb',
    '/dev/disk/unrelated/x': '../../sdb',
  },
  bytes: { '/dev/sdb': imageStart('ext4', 70000) },
}

test('the machine as it is: a device of no length is left out, and nothing is read that was not wanted', () => {
  const facts = probeMachine(mapSystem(maps), '/sysroot')
  const nothing = { partition: false, content: undefined, dm: undefined, loop: undefined }
  const alone = { ...nothing, readOnly: false, links: [], slaves: [], holders: [], number: '' }
  assert.equal(facts.devices, [
    { ...alone, name: 'cciss!c0d0', node: '/dev/cciss/c0d0', sectors: 1 },
    {
      ...alone,
      name: 'dm-0',
      node: '/dev/dm-0',
      sectors: 8,
      links: ['/dev/mapper/live-rw'],
      dm: { name: 'live-rw', uuid: 'holdfast-live-rw' },
      slaves: ['sdb'],
    },
    {
      ...alone,
      name: 'loop0',
      node: '/dev/loop0',
      sectors: 8,
      loop: { backingFile: '/a/b.img', autoClear: true },
    },
    { ...alone, name: 'loop1', node: '/dev/loop1', sectors: 8 },
    {
      ...alone,
      name: 'sdb',
      node: '/dev/sdb',
      number: '8:16',
      sectors: 2048,
      readOnly: true,
      links: ['/dev/disk/by-label/P', '/dev/disk/by-uuid/1-2'],
      holders: ['dm-0'],
    },
    { ...alone, name: 'sdb1', node: '/dev/sdb1', sectors: 1024, partition: true },
  ])
  assert.equal([facts.cmdline, facts.newRoot, facts.memoryBytes], ['quiet', '/sysroot', 2 << 20])
  assert.equal(facts.missingModules, ['dm_mod'])
  assert.is(facts.mounts.length, 1)
})

test('what a wanted device holds is read', () => {
  const { devices } = probeMachine(mapSystem(maps), '/', ({ name }) => name === 'sdb')
  assert.is(devices.find(({ name }) => name === 'sdb')?.content?.type, 'ext4')
})

test('whether somebody has a device for himself is asked of one that would be checked', () => {
  const isBusy = (type: string, at: number, byte: number, busy: readonly string[]) => {
    const start = imageStart(type, 70000)
    start[at] = byte
    const system = mapSystem({ ...maps, bytes: { '/dev/sdb': start }, busy })
    return probeMachine(system, '/sysroot', () => true).devices.find(({ name }) => name === 'sdb')
      ?.isBusy
  }
  assert.is(isBusy('fat16', 0x25, 1, ['/dev/sdb']), true)
  assert.is(isBusy('fat16', 0x25, 1, []), undefined)
  assert.is(isBusy('fat16', 0x25, 0, ['/dev/sdb']), undefined)
  assert.is(isBusy('ext4', 1024 + 0x3a, 0, ['/dev/sdb']), true)
})

test('where nothing can be read there is nothing', () => {
  const { devices, mounts, memoryBytes, cmdline } = probeMachine(mapSystem({}), '/', () => true)
  assert.equal([devices, mounts, memoryBytes, cmdline], [[], [], 0, ''])
  assert.is(probeContent(mapSystem({}), '/dev/sdb'), undefined)
})

test('the command line is that of the snippets, of /etc/cmdline and of the kernel, the strongest last', () => {
  const texts = {
    '/etc/cmdline.d/20-b.conf': 'b\n',
    '/etc/cmdline.d/10-a.conf': 'a\n',
    '/etc/cmdline.d/readme': 'x',
    '/etc/cmdline.d/empty.conf': '\n',
    '/etc/cmdline': 'c\n',
    '/proc/cmdline': 'd\n',
  }
  assert.is(probeCmdline(mapSystem({ texts })), 'a\nb\nc\nd')
})

test('the new root is / outside an initramfs, and inside what dracut says', () => {
  const inside = { texts: { '/etc/initrd-release': '' } }
  assert.equal([isInitramfs(mapSystem({})), isInitramfs(mapSystem(inside))], [false, true])
  assert.is(probeNewRoot(mapSystem({ environment: { NEWROOT: '/x' } })), '/')
  assert.is(probeNewRoot(mapSystem(inside)), '/sysroot')
  assert.is(probeNewRoot(mapSystem({ ...inside, environment: { NEWROOT: '/x' } })), '/x')
})

test.run()
