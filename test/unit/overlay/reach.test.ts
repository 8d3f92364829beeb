import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import type { RefusedError } from '../../../src/errors.ts'
import type { HostClaim, SuperblockType } from '../../../src/formats/superblock.ts'
import type { Facts } from '../../../src/machine/facts.ts'
import { judgeClaims } from '../../../src/overlay/judge-holder.ts'
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

test('a file system that was damaged or left in the middle of work is checked before it is mounted', () => {
  for (const [type, check] of [
    ['ext2', 'e2fsck -p /dev/sdb'],
    ['ext3', 'e2fsck -p /dev/sdb'],
    ['ext4', 'e2fsck -p /dev/sdb'],
    ['vfat', 'fsck.fat -a /dev/sdb'],
  ] as const) {
    const content = { type, needsCheck: true }
    const facts = factsOf([disk('sdb', '8:16', type, { content })], [ROOT])
    const mount = `mount -t ${type} -o rw,noatime /dev/sdb ${HOLDER}`
    const accepted = 'case $? in 1 | 127) ;; *) exit 1 ;; esac'
    assert.is(
      stepsOf(reach(facts).steps),
      lines(`${check} || ${accepted}`, `mkdir -p ${HOLDER}`, mount),
    )
    assert.not.match(stepsOf(reach(facts, 'rd.live.overlay.readonly').steps), 'fsck')
  }
})

test('what somebody has mounted where it is not seen is not checked under the mount', () => {
  const content = { type: 'vfat', needsCheck: true } as const
  const facts = factsOf([disk('sdb', '8:16', 'vfat', { content, isBusy: true })], [ROOT])
  const mount = `mount -t vfat -o rw,noatime /dev/sdb ${HOLDER}`
  assert.is(stepsOf(reach(facts).steps), lines(`mkdir -p ${HOLDER}`, mount))
})

test('a journal that waits to be replayed is left to the mount', () => {
  const content = { type: 'ext4', needsRecovery: true, needsCheck: false } as const
  const facts = factsOf([disk('sdb', '8:16', 'ext4', { content })], [ROOT])
  assert.not.match(stepsOf(reach(facts).steps), 'fsck')
})

test('a device on which another one stands is refused', () => {
  const taken = disk('sdb', '8:16', 'ext4', { holders: ['dm-3', 'md0'] })
  assert.throws(() => reach(factsOf([taken], [ROOT])), /^\/dev\/sdb is in use by dm-3, md0$/)
})

test('a write-protected device is refused for a store that is written, or whose journal waits', () => {
  const protectedDisk = (needsRecovery: boolean) =>
    factsOf(
      [disk('sdb', '8:16', 'ext4', { readOnly: true, content: { type: 'ext4', needsRecovery } })],
      [ROOT],
    )
  const asked = 'rd.live.overlay.readonly'
  assert.throws(() => reach(protectedDisk(false)), /^\/dev\/sdb is write-protected$/)
  assert.throws(() => reach(protectedDisk(true), asked), /its journal has to be replayed/)
  assert.match(stepsOf(reach(protectedDisk(false), asked).steps), '-o ro,noatime /dev/sdb')
})

function claimedDisk(claim: HostClaim) {
  return disk('sdb', '8:16', 'ext4', { content: { type: 'ext4', claim } })
}

test('a device that another host checks is refused, one that it had in use is for the kernel to judge', () => {
  const claim = { sequence: 7, host: 'node7', isCheck: true }
  const facts = (isCheck: boolean) => factsOf([claimedDisk({ ...claim, isCheck })], [ROOT])
  assert.throws(
    () => reach(facts(true)),
    (error: RefusedError) =>
      /^\/dev\/sdb is being checked by the host 'node7', .*\(MMP\)/.test(error.message) &&
      /: tune2fs -f -E clear_mmp \/dev\/sdb$/.test(error.hint),
  )
  assert.match(stepsOf(reach(facts(false)).steps), 'mount -t ext4')
  assert.match(stepsOf(reach(facts(true), 'rd.live.overlay.readonly').steps), 'mount -t ext4')
})

test('a claim that has changed meanwhile is why a device could not be mounted', () => {
  const claim = { sequence: 7, host: '', isCheck: false }
  const device = claimedDisk(claim)
  const why = (now: HostClaim | undefined) => judgeClaims('LABEL=P', device, now)?.message
  const expected = 'LABEL=P is in use by another host: its multiple mount protection (MMP) says so'
  assert.is(why({ ...claim, sequence: 8 }), expected)
  assert.is(why(claim), undefined)
  assert.is(why(undefined), undefined)
  assert.is(judgeClaims('LABEL=P', disk('sdb', '8:16', 'ext4'), claim), undefined)
})

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
