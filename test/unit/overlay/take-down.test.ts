import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BlockDevice } from '../../../src/machine/facts.ts'
import { planTakeDown } from '../../../src/overlay/plan-take-down.ts'
import { disk, dm, factsOf, loop } from '../facts-of.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('take down')

/** A live root with its store on a persistence device; `run` is where /run/initramfs is seen. */
function live(run: string): BlockDevice[] {
  return [
    disk('sda', '8:0', 'iso9660'),
    disk('sdb', '8:16', 'ext4'),
    loop(0, `${run}/live/LiveOS/squashfs.img`),
    loop(1, `${run}/squashfs/LiveOS/rootfs.img`),
    loop(2, `${run}/overlayfs/persist.img`),
    dm(0, 'live-base', 'holdfast-live-base', ['loop1']),
    dm(3, 'live-snapshot', 'holdfast-live-snapshot', ['dm-0', 'loop2']),
    dm(1, 'live-rw', 'holdfast-live-rw', ['dm-3']),
    dm(2, 'vg-home', 'LVM-x', ['sda3']),
    loop(7, '/home/me/disk.img'),
  ]
}

function mounts(run: string): string[] {
  const parent = run === '' ? 1 : 2
  return [
    `30 ${parent} 8:0 / ${run}/live ro - iso9660 /dev/sda ro`,
    `31 ${parent} 7:0 / ${run}/squashfs ro - squashfs /dev/loop0 ro`,
    `32 ${parent} 8:16 / ${run}/overlayfs rw - ext4 /dev/sdb rw`,
    '33 1 8:3 / /mnt rw - ext4 /dev/sda3 rw',
  ]
}

const after = (run: string) => [
  'dmsetup remove --retry --noudevsync live-rw',
  'dmsetup remove --retry --noudevsync live-snapshot',
  'dmsetup remove --retry --noudevsync live-base',
  'losetup --detach /dev/loop1',
  'losetup --detach /dev/loop2',
  `umount ${run}/squashfs`,
]

test('users go before what they use, and nothing of others is touched', () => {
  const run = '/run/initramfs'
  const root = '20 1 254:1 / /sysroot rw - ext4 /dev/mapper/live-rw rw'
  const expected = lines(
    'umount /sysroot',
    ...after(run),
    'umount /run/initramfs/overlayfs',
    'losetup --detach /dev/loop0',
    'umount /run/initramfs/live',
  )
  const steps = planTakeDown(factsOf(live(run), [root, ...mounts(run)]))
  assert.equal(stepsOf(steps).split('\n').sort(), expected.split('\n').sort())
  assertOrder(stepsOf(steps), [
    ['umount /sysroot', 'remove --retry --noudevsync live-rw'],
    ['noudevsync live-rw', 'noudevsync live-snapshot'],
    ['noudevsync live-snapshot', 'noudevsync live-base'],
    ['noudevsync live-snapshot', 'detach /dev/loop2'],
    ['detach /dev/loop2', 'initramfs/overlayfs'],
    ['noudevsync live-base', 'detach /dev/loop1'],
    ['detach /dev/loop1', 'initramfs/squashfs'],
    ['initramfs/squashfs', 'detach /dev/loop0'],
    ['detach /dev/loop0', 'initramfs/live'],
  ])
})

test("in dracut's shutdown stage /run stands below /oldsys: store and medium are unmounted there", () => {
  const run = '/oldsys/run/initramfs'
  const steps = stepsOf(planTakeDown(factsOf(live(run), mounts(run))))
  for (const folder of ['overlayfs', 'squashfs', 'live'])
    assert.match(steps, `umount ${run}/${folder}`)
})

test("in dracut's shutdown stage /run/initramfs has become the root", () => {
  const expected = lines(
    ...after(''),
    'umount /overlayfs',
    'losetup --detach /dev/loop0',
    'umount /live',
  )
  const steps = planTakeDown(factsOf(live(''), mounts('')))
  assert.equal(stepsOf(steps).split('\n').sort(), expected.split('\n').sort())
})

test('what is listed in rwtab and statetab goes before the file systems that it lies on; a server is not asked', () => {
  const found = planTakeDown(
    factsOf(
      [],
      [
        '30 2 0:50 / /oldsys/run/initramfs/holdfast-scratch rw - tmpfs holdfast-scratch rw',
        '31 2 0:60 / /oldsys/run/initramfs/holdfast-state rw - nfs4 srv:/exp/host rw',
        '40 1 0:70 / /oldsys rw - ext4 /dev/sda1 rw',
        '41 40 0:60 /srv /oldsys/srv rw - nfs4 srv:/exp/host rw',
        '42 41 0:50 /srv/log /oldsys/srv/log rw - tmpfs holdfast-scratch rw',
        '43 40 0:61 / /oldsys/other rw - nfs4 srv:/other rw',
      ],
    ),
  )
  const lazily = 'umount --internal-only --lazy --force'
  assert.is(
    stepsOf(found),
    lines(
      'umount /oldsys/srv/log',
      'umount /oldsys/run/initramfs/holdfast-scratch',
      `${lazily} /oldsys/srv`,
      `${lazily} /oldsys/run/initramfs/holdfast-state`,
    ),
  )
})

test('the old root, where it could not be unmounted, goes first with all below it', () => {
  const old = [
    '20 1 254:1 / /oldroot rw - ext4 /dev/mapper/live-rw rw',
    '21 20 0:40 / /oldroot/tmp rw - tmpfs t rw',
  ]
  const script = stepsOf(planTakeDown(factsOf(live(''), [...old, ...mounts('')])))
  assert.is(script.split('\n').slice(0, 2).join(), 'umount /oldroot/tmp,umount /oldroot')
})

test('a loop device that goes by itself needs no step', () => {
  const devices = live('/run/initramfs').map((device) =>
    device.loop ? { ...device, loop: { ...device.loop, autoClear: true } } : device,
  )
  assert.not.match(stepsOf(planTakeDown(factsOf(devices, mounts('/run/initramfs')))), 'losetup')
})

test("the devices of stock dracut count by their names, and anybody's by our uuid", () => {
  const devices = [
    dm(0, 'live-rw', '', []),
    dm(1, 'other', 'holdfast-other', []),
    dm(2, 'x', 'LVM-x', []),
  ]
  assert.is(
    stepsOf(planTakeDown(factsOf(devices))),
    lines(
      'dmsetup remove --retry --noudevsync live-rw',
      'dmsetup remove --retry --noudevsync other',
    ),
  )
})

test('an OverlayFS root goes before its layers', () => {
  const mounted = [
    '32 1 8:16 / /overlayfs rw - ext4 /dev/sdb rw',
    '33 1 7:0 / /rootfsbase ro - squashfs /dev/loop0 ro',
    '20 1 0:50 / /oldroot rw - overlay holdfast rw,lowerdir=/run/initramfs/rootfsbase',
    '40 1 0:51 / /other rw - overlay overlay rw',
  ]
  assert.is(
    stepsOf(planTakeDown(factsOf([disk('sdb', '8:16')], mounted))),
    lines('umount /oldroot', 'umount /overlayfs', 'umount /rootfsbase'),
  )
})

test('where nothing was made nothing is to do', () => {
  assert.equal(
    planTakeDown(factsOf([disk('sda', '8:0')], ['20 1 8:0 / /sysroot rw - ext4 a rw'])),
    [],
  )
})

function assertOrder(script: string, pairs: readonly (readonly [string, string])[]): void {
  for (const [first, second] of pairs) {
    assert.ok(
      script.indexOf(first) < script.indexOf(second),
      `${first} before ${second}:\n${script}`,
    )
  }
}

test.run()
