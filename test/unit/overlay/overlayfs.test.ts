import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { planTemporary } from '../../../src/overlay/plan-fallback.ts'
import { planStoreLayers } from '../../../src/overlay/plan-overlayfs.ts'
import { planPersistent } from '../../../src/overlay/plan-persistent.ts'
import { findRoot, type RootFacts } from '../../../src/overlay/root-facts.ts'
import type { StoreFacts } from '../../../src/overlay/store-facts.ts'
import { disk, factsOf, loop, storeFile, usedStore } from '../facts-of.ts'
import { lines, scriptWithoutRecord } from '../script-of.ts'

const test = suite('OverlayFS root')

const NAME = '/dev/sdb:/changes'
const HOLDER = '/run/initramfs/overlayfs'
const FLAT = '20 1 7:0 / /sysroot ro,relatime - squashfs /dev/loop0 ro,errors=continue'
const facts = factsOf([loop(0, '/run/initramfs/live/LiveOS/squashfs.img')], [FLAT])
const root = findRoot(facts) as RootFacts

function persistent(arguments_: string, store: StoreFacts): string {
  const config = parseConfig(`root=live:LABEL=L rd.live.overlay=${NAME} ${arguments_}`)
  const asked = { config, facts, root, name: NAME, store, binding: undefined }
  return scriptWithoutRecord(planPersistent(asked).plan)
}

const REASON =
  '# the base is squashfs, with no file system image inside: OverlayFS keeps the changes, file by file'
const LOWER = [
  'mkdir -p /run/initramfs/rootfsbase',
  'mount --bind --make-private /sysroot /run/initramfs/rootfsbase',
  'umount /sysroot',
]

test('a flat image without a store gets its layers in RAM, half of the memory at most', () => {
  const ram = '/run/initramfs/holdfast-ram'
  const expected = lines(
    '# TEMPORARY: changes are lost at shutdown',
    REASON,
    `mkdir -p ${ram}`,
    `mount -t tmpfs -o size=536870912,mode=0700 tmpfs ${ram}`,
    `mkdir -p ${ram}/overlayfs`,
    `mkdir -p ${ram}/ovlwork`,
    ...LOWER,
    `mount -t overlay -o rw,lowerdir=/run/initramfs/rootfsbase,upperdir=${ram}/overlayfs,workdir=${ram}/ovlwork holdfast /sysroot`,
    '(record)',
  )
  const { plan } = planTemporary(parseConfig('root=live:LABEL=L'), facts, root, undefined)
  assert.is(scriptWithoutRecord(plan), expected)
})

test('a directory on the persistence device is the upper layer, ovlwork beside it', () => {
  const expected = lines(
    '# persistent: /dev/sdb:/changes',
    REASON,
    `mkdir -p ${HOLDER}/ovlwork`,
    ...LOWER,
    `mount -t overlay -o rw,lowerdir=/run/initramfs/rootfsbase,upperdir=${HOLDER}/changes,workdir=${HOLDER}/ovlwork holdfast /sysroot`,
    '(record)',
  )
  const path = `${HOLDER}/changes`
  assert.is(persistent('', { kind: 'directory', path }), expected)
  assert.is(persistent('', { kind: 'unseen', path }), expected)
})

test('an image with a file system holds both layers', () => {
  const image = '/run/initramfs/overlay-image'
  const expected = lines(
    '# persistent: /dev/sdb:/changes',
    REASON,
    `image=$(losetup --find --show --nooverlap ${HOLDER}/changes)`,
    `mkdir -p ${image}`,
    `mount -t xfs -o rw,noatime "$image" ${image}`,
    `mkdir -p ${image}/overlayfs`,
    `mkdir -p ${image}/ovlwork`,
    ...LOWER,
    `mount -t overlay -o rw,lowerdir=/run/initramfs/rootfsbase,upperdir=${image}/overlayfs,workdir=${image}/ovlwork holdfast /sysroot`,
    '(record)',
  )
  const store = storeFile({
    path: `${HOLDER}/changes`,
    content: 'xfs',
    header: { kind: 'foreign' },
  })
  assert.is(persistent('', store), expected)
})

test('what ends or parts a mount option is escaped in the paths of the layers', () => {
  const store = { kind: 'directory', path: String.raw`${HOLDER}/a,b:c\d` } as const
  assert.match(persistent('', store), String.raw`upperdir=${HOLDER}/a\,b\:c\\d,workdir`)
})

test('of rootflags= OverlayFS gets what every file system takes', () => {
  const directory = { kind: 'directory', path: `${HOLDER}/changes` } as const
  const found = persistent('rootflags=ro,noatime,data=journal', directory)
  assert.match(found, '-o rw,ro,noatime,lowerdir=')
})

/** From the mounted root to OverlayFS on it. */
function overRoot(...mounts: string[]): string[] {
  const plain = factsOf([disk('sda2', '8:2')], mounts)
  const config = parseConfig('rd.overlay rd.live.overlay.overlayfs')
  const { plan } = planTemporary(config, plain, findRoot(plain) as RootFacts, undefined)
  const script = scriptWithoutRecord(plan).split('\n')
  const from = script.indexOf('mkdir -p /run/initramfs/rootfsbase')
  return script.slice(
    from,
    script.findIndex((line) => line.startsWith('mount -t overlay')),
  )
}

test('rd.live.overlay.overlayfs asks for it where the base is a block device', () => {
  assert.equal(overRoot('20 1 8:2 / /sysroot ro - ext4 /dev/sda2 ro'), LOWER)
})

test('below it lies the tree that was mounted, not all that its device holds, and also where there is no device', () => {
  for (const mount of [
    '20 1 0:40 /root /sysroot ro - btrfs /dev/sda2 ro,subvolid=256,subvol=/root',
    '20 1 8:2 /ostree/deploy/x /sysroot ro - ext4 /dev/sda2 ro',
    '20 1 0:50 / /sysroot rw - tmpfs tmpfs rw,size=2097152k',
    '20 1 0:51 / /sysroot rw - nfs4 server:/export rw,vers=4.2',
  ])
    assert.equal(overRoot(mount), LOWER, mount)
})

test('a base that was mounted for writing is written to no longer, unless another part of it is mounted below', () => {
  const remount = 'mount -o remount,ro /run/initramfs/rootfsbase'
  assert.equal(overRoot('20 1 8:2 / /sysroot rw - ext4 /dev/sda2 rw'), [...LOWER, remount])
  const home = '21 20 0:40 /home /sysroot/home rw - btrfs /dev/sda2 rw,subvol=/home'
  const whole = overRoot('20 1 0:40 /root /sysroot rw - btrfs /dev/sda2 rw,subvol=/root', home)
  assert.not.ok(whole.includes(remount))
})

const refused: readonly (readonly [
  what: string,
  arguments_: string,
  store: StoreFacts,
  why: RegExp,
])[] = [
  ['nothing there', '', { kind: 'missing' }, /'\/dev\/sdb:\/changes' is not there/],
  ['a store', '', usedStore(32, 1), /holds no file system, and this root keeps its changes with/],
  ['zeros', '', storeFile(), /holds no file system/],
  [
    'readonly',
    'rd.live.overlay.readonly',
    { kind: 'directory', path: `${HOLDER}/changes` },
    /readonly is not there for OverlayFS roots/,
  ],
]

for (const [what, arguments_, store, why] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(() => persistent(arguments_, store), why)
  })
}

test('an image that another loop device has is refused, and one that is a hard link says so', () => {
  const layers = (store: StoreFacts) => () => planStoreLayers('/dev/sdb:/x', store)
  const says = (why: string) => (error: Error) => error.message.includes(why)
  const image = storeFile({ header: { kind: 'foreign' }, content: 'ext4', loop: '/dev/loop4' })
  assert.throws(layers(image), says('is attached already, to /dev/loop4'))
  assert.throws(layers({ kind: 'unfit', why: 'it has 2 names' }), says('(it has 2 names)'))
})

test.run()
