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
  'umount /sysroot',
  'mkdir -p /run/initramfs/rootfsbase',
  'mount -t squashfs -o ro /dev/loop0 /run/initramfs/rootfsbase',
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

test('rd.live.overlay.overlayfs asks for it where the base is a block device', () => {
  const plain = factsOf([disk('sda2', '8:2')], ['20 1 8:2 / /sysroot ro - ext4 /dev/sda2 ro'])
  const config = parseConfig('rd.overlay rd.live.overlay.overlayfs')
  const { plan } = planTemporary(config, plain, findRoot(plain) as RootFacts, undefined)
  assert.match(scriptWithoutRecord(plan), 'mount -t ext4 -o ro /dev/sda2 /run/initramfs/rootfsbase')
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
