import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import type { SuperblockType } from '../../../src/formats/superblock.ts'
import type { Facts } from '../../../src/machine/facts.ts'
import { type PersistentStore, planReach, type Reach } from '../../../src/overlay/plan-reach.ts'
import { findRoot } from '../../../src/overlay/root-facts.ts'
import { disk, factsOf } from '../facts-of.ts'
import { lines, stepsOf } from '../script-of.ts'

const test = suite('reach')

const HOLDER = '/run/initramfs/overlayfs'
const ROOT = '20 1 8:1 / /sysroot ro - ext4 /dev/sda1 ro'
const devices = [disk('sda1', '8:1', 'ext4'), disk('sdb', '8:16', 'ext4')]

function reach(facts: Facts, arguments_ = '', spec = '/dev/sdb'): Reach {
  const config = parseConfig(`rd.live.overlay=${spec}:/x ${arguments_}`)
  return planReach(config, facts, findRoot(facts), config.overlay.store as PersistentStore)
}

test('a device that is not mounted is mounted below /run/initramfs', () => {
  const found = reach(factsOf(devices, [ROOT]))
  assert.is(
    stepsOf(found.steps),
    lines(`mkdir -p ${HOLDER}`, `mount -t ext4 -o rw,noatime /dev/sdb ${HOLDER}`),
  )
  assert.equal([found.folder, found.mounted], [HOLDER, false])
})

test('it is mounted read-only when the store is only to be read', () => {
  const { steps } = reach(factsOf(devices, [ROOT]), 'rd.live.overlay.readonly')
  assert.match(stepsOf(steps), `mount -t ext4 -o ro,noatime /dev/sdb ${HOLDER}`)
})

test('the kernel finds out a type that is not known here', () => {
  const { steps } = reach(factsOf([disk('sdb', '8:16')], [ROOT]))
  assert.match(stepsOf(steps), 'mount -t auto ')
})

test('the live medium is used where it is mounted, and made writable', () => {
  const medium = '21 2 8:16 / /run/initramfs/live ro,relatime - ext4 /dev/sdb ro'
  const found = reach(factsOf(devices, [ROOT, medium]))
  assert.is(stepsOf(found.steps), lines('mount -o remount,rw /run/initramfs/live'))
  assert.equal([found.folder, found.mounted], ['/run/initramfs/live', true])
  assert.equal(reach(factsOf(devices, [ROOT, medium]), 'rd.live.overlay.readonly').steps, [])
})

test('a medium that is writable already needs nothing', () => {
  const medium = '21 2 8:16 / /run/initramfs/live rw - ext4 /dev/sdb rw'
  assert.equal(reach(factsOf(devices, [ROOT, medium])).steps, [])
})

test('a mount below the root, or one that switch_root hides, is mounted a second time', () => {
  for (const at of ['/sysroot/data', '/mnt']) {
    const parent = at === '/mnt' ? 1 : 20
    const found = reach(factsOf(devices, [ROOT, `21 ${parent} 8:16 / ${at} ro - ext4 /dev/sdb ro`]))
    const expected = lines(
      `mount -o remount,rw ${at}`,
      `mkdir -p ${HOLDER}`,
      `mount --bind --make-private ${at} ${HOLDER}`,
    )
    assert.is(stepsOf(found.steps), expected)
    assert.equal([found.folder, found.mounted], [HOLDER, false])
  }
})

test('a mount that another one hides is not used', () => {
  const hidden = ['21 2 8:16 / /run/x rw - ext4 /dev/sdb rw', '22 21 0:30 / /run/x rw - tmpfs t rw']
  assert.is(reach(factsOf(devices, [ROOT, ...hidden])).folder, HOLDER)
})

test('a mounted folder of the device is not taken for the device', () => {
  const folder = '21 2 8:16 /sub /run/x rw - ext4 /dev/sdb rw'
  assert.is(reach(factsOf(devices, [ROOT, folder])).folder, HOLDER)
})

const layers: readonly (readonly [SuperblockType, string])[] = [
  [
    'crypto_LUKS',
    '/dev/sdb is encrypted: open it first and name the opened device under /dev/mapper',
  ],
  ['LVM2_member', '/dev/sdb is an LVM physical volume: name the logical volume'],
  ['swap', '/dev/sdb is swap space'],
  ['DM_snapshot_cow', '/dev/sdb is a store itself: a store is a file on a file system'],
]

for (const [type, why] of layers) {
  test(`${type} is refused`, () => {
    assert.throws(
      () => reach(factsOf([disk('sdb', '8:16', type)], [ROOT])),
      (error: Error) => error.message === why,
    )
  })
}

test("the root's own device is refused", () => {
  assert.throws(
    () => reach(factsOf(devices, [ROOT]), '', '/dev/sda1'),
    /\/dev\/sda1 holds the root itself/,
  )
})

test('a write-protected device is refused, unless the store is only to be read', () => {
  const facts = factsOf([disk('sdb', '8:16', 'ext4', { readOnly: true })], [ROOT])
  assert.throws(() => reach(facts), /\/dev\/sdb is write-protected/)
  assert.is(reach(facts, 'rd.live.overlay.readonly').steps.length, 2)
})

test('a device that did not come is named, and for how long it was waited for', () => {
  assert.throws(
    () => reach(factsOf([], [ROOT]), 'rd.holdfast.timeout=7', 'LABEL=P'),
    /^LABEL=P did not appear within 7 s \(rd\.holdfast\.timeout=\)$/,
  )
})

test.run()
