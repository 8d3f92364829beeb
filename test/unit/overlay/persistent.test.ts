import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { planPersistent } from '../../../src/overlay/plan-persistent.ts'
import { findRoot, type RootFacts } from '../../../src/overlay/root-facts.ts'
import type { StoreFacts } from '../../../src/overlay/store-facts.ts'
import { disk, dm, factsOf, storeFile, usedStore } from '../facts-of.ts'
import { lines, scriptWithoutRecord } from '../script-of.ts'

const test = suite('persistent root')

const NAME = '/dev/sdb:/persist.img'
const LIVE = 'root=live:LABEL=L'
const LIVE_ROOT =
  '20 1 254:0 / /sysroot ro,relatime shared:3 - ext4 /dev/mapper/live-base ro,seclabel,norecovery'
const PLAIN_ROOT = '20 1 8:2 / /sysroot ro,relatime shared:3 - ext4 /dev/sda2 ro'

function script(arguments_: string, mounts: readonly string[], store: StoreFacts): string {
  const devices = [dm(0, 'live-base', 'holdfast-live-base', []), disk('sda2', '8:2', 'ext4')]
  const facts = factsOf(devices, mounts)
  const config = parseConfig(`${arguments_} rd.live.overlay=${NAME}`)
  const root = findRoot(facts) as RootFacts
  const { plan } = planPersistent({ config, facts, root, name: NAME, store, binding: undefined })
  return scriptWithoutRecord(plan)
}

const STORE = '/run/initramfs/overlayfs/persist.img'
const headerOf = (chunkSectors: string) =>
  `printf '\\123\\156\\101\\160\\001\\000\\000\\000\\001\\000\\000\\000\\${chunkSectors}\\000\\000\\000' | dd of=${STORE} conv=notrunc,fsync`
const HEADER = headerOf('040')

test('the recipe: a blank file becomes the store of a live root, which is mounted writable', () => {
  const expected = lines(
    '# persistent: /dev/sdb:/persist.img, 0 B of 300 MiB used',
    '# the store is blank and is formatted',
    HEADER,
    `store=$(losetup --find --show --nooverlap ${STORE})`,
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/dm-0 $store PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o rw /dev/mapper/live-rw /sysroot',
    '(record)',
  )
  assert.is(script(LIVE, [LIVE_ROOT], storeFile()), expected)
})

test('a used store keeps the chunk size that it has', () => {
  const expected = lines(
    '# persistent: /dev/sdb:/persist.img, 48 KiB of 300 MiB used',
    `store=$(losetup --find --show --nooverlap ${STORE})`,
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/dm-0 $store PO 8"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o rw /dev/mapper/live-rw /sysroot',
    '(record)',
  )
  assert.is(script(LIVE, [LIVE_ROOT], usedStore(8, 10)), expected)
})

const ordinary: readonly (readonly [arguments_: string, options: string])[] = [
  ['', 'ro'],
  ['ro', 'ro'],
  ['rw', 'rw'],
  ['ro rw', 'rw'],
  ['rw rootflags=ro', 'rw,ro'],
  ['ro rootflags=noatime,data=journal', 'ro,noatime,data=journal'],
]

for (const [arguments_, options] of ordinary) {
  test(`an ordinary root with '${arguments_}' is mounted ${options}`, () => {
    const found = script(arguments_, [PLAIN_ROOT], usedStore(32, 1))
    assert.match(found, '"0 2097152 snapshot /dev/sda2 $store PO 32"\n')
    assert.match(found, `mount -t ext4 -o ${options} /dev/mapper/live-rw /sysroot\n`)
  })
}

test('ro is that of the medium on a live root, and rootflags=ro that of the root', () => {
  const options = (arguments_: string) =>
    / -o (\S+) \/dev\/mapper\/live-rw/.exec(
      script(`${LIVE} ${arguments_}`, [LIVE_ROOT], storeFile()),
    )?.[1]
  assert.is(options('ro'), 'rw')
  assert.is(options('ro rootflags=ro'), 'rw,ro')
})

test('rootflags=ro is told in the first line', () => {
  const [first] = script(`${LIVE} rootflags=ro`, [LIVE_ROOT], storeFile()).split('\n')
  assert.is(first, `# persistent: ${NAME}, 0 B of 300 MiB used; the root is mounted read-only`)
})

test('mounts below the root wait aside and are put back, parents first; they are let go last', () => {
  const mounts = [
    PLAIN_ROOT,
    '21 20 0:40 / /sysroot/usr rw,relatime shared:4 - tmpfs usr rw',
    '22 21 0:41 / /sysroot/usr/local rw,relatime shared:5 - tmpfs local rw',
  ]
  const expected = lines(
    '# persistent: /dev/sdb:/persist.img, 48 KiB of 300 MiB used',
    `store=$(losetup --find --show --nooverlap ${STORE})`,
    'mkdir -p /run/holdfast/carry/0',
    'mount --bind --make-private /sysroot/usr /run/holdfast/carry/0',
    'mkdir -p /run/holdfast/carry/1',
    'mount --bind --make-private /sysroot/usr/local /run/holdfast/carry/1',
    'umount /sysroot/usr/local',
    'umount /sysroot/usr',
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/sda2 $store PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o ro /dev/mapper/live-rw /sysroot',
    'mount --bind /run/holdfast/carry/0 /sysroot/usr',
    'mount --bind /run/holdfast/carry/1 /sysroot/usr/local',
    '(record)',
    'umount /run/holdfast/carry/1',
    'umount /run/holdfast/carry/0',
  )
  assert.is(script('', mounts, usedStore(32, 1)), expected)
})

test('reset empties a used store before it is attached, even one that is marked invalid', () => {
  const invalid = usedStore(8, 1)
  const header = { kind: 'store', valid: false, version: 1, chunkSectors: 8 } as const
  const expected = lines(
    '# persistent: /dev/sdb:/persist.img, 0 B of 300 MiB used',
    '# the store is emptied: rd.live.overlay.reset',
    // The first sector of the entries of 4 KiB chunks, then room for those of 16 KiB ones.
    `dd if=/dev/zero of=${STORE} bs=16 seek=32 count=32 conv=notrunc,fsync`,
    headerOf('001'),
    `dd if=/dev/zero of=${STORE} bs=16 seek=1024 count=1024 conv=notrunc,fsync`,
    HEADER,
    `store=$(losetup --find --show --nooverlap ${STORE})`,
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/dm-0 $store PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o rw /dev/mapper/live-rw /sysroot',
    '(record)',
  )
  for (const store of [invalid, { ...invalid, header }]) {
    assert.is(script(`${LIVE} rd.live.overlay.reset`, [LIVE_ROOT], store), expected)
  }
})

test('a store that is only read lies below a second snapshot, whose changes go to RAM', () => {
  const expected = lines(
    '# TEMPORARY: changes are lost at shutdown',
    '# the store is only read: rd.live.overlay.readonly',
    'mkdir -p /run/initramfs/holdfast-ram',
    'mount -t tmpfs -o size=806354944,mode=0700 tmpfs /run/initramfs/holdfast-ram',
    'truncate -s 805306368 /run/initramfs/holdfast-ram/store',
    'ram=$(losetup --find --show /run/initramfs/holdfast-ram/store)',
    `store=$(losetup --find --show --nooverlap --read-only ${STORE})`,
    'umount /sysroot',
    'dmsetup create live-ro --uuid holdfast-live-ro --readonly --table "0 2097152 snapshot /dev/dm-0 $store P 8"',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/mapper/live-ro $ram PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o rw /dev/mapper/live-rw /sysroot',
    '(record)',
  )
  assert.is(script(`${LIVE} rd.live.overlay.readonly`, [LIVE_ROOT], usedStore(8, 1)), expected)
})

test('a blank store that is only read is left out', () => {
  const found = script(`${LIVE} rd.live.overlay.readonly`, [LIVE_ROOT], storeFile())
  assert.match(found, '"0 2097152 snapshot /dev/dm-0 $ram PO 32"')
  assert.not.match(found, STORE)
})

test('a dry run that cannot look takes a store for granted, and shows what reset would do to it', () => {
  const unseen = { kind: 'unseen', path: STORE } as const
  const expected = lines(
    '# persistent: /dev/sdb:/persist.img',
    '# the store is emptied: rd.live.overlay.reset',
    `dd if=/dev/zero of=${STORE} bs=16 seek=256 count=256 conv=notrunc,fsync`,
    headerOf('010'),
    `dd if=/dev/zero of=${STORE} bs=16 seek=1024 count=1024 conv=notrunc,fsync`,
    HEADER,
    `store=$(losetup --find --show --nooverlap ${STORE})`,
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 2097152 snapshot /dev/dm-0 $store PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 2097152 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o rw /dev/mapper/live-rw /sysroot',
    '(record)',
  )
  assert.is(script(`${LIVE} rd.live.overlay.reset`, [LIVE_ROOT], unseen), expected)
  assert.not.match(script(LIVE, [LIVE_ROOT], unseen), 'dd ')
})

test('reset and readonly together leave the store as it is', () => {
  const both = script(
    `${LIVE} rd.live.overlay.reset rd.live.overlay.readonly`,
    [LIVE_ROOT],
    usedStore(8, 1),
  )
  assert.not.match(both, 'dd ')
  assert.match(both, '--read-only')
})

test('a root that is a folder of a file system is refused: the snapshot would be mounted whole', () => {
  const folder = '20 1 8:2 /ostree/deploy /sysroot ro - ext4 /dev/sda2 ro'
  assert.throws(() => script('', [folder], storeFile()), /the root is the folder \/ostree\/deploy/)
})

test('a root that is no block device is refused', () => {
  const nfs = '20 1 0:50 / /sysroot ro - nfs4 server:/export ro'
  assert.throws(
    () => script('', [nfs], storeFile()),
    /the root is nfs4 from 'server:\/export', not a block device/,
  )
})

test('a root of which a part lies on another device is refused', () => {
  const content = { type: 'ext4', isSpread: true } as const
  const facts = factsOf([disk('sda2', '8:2', 'ext4', { content })], [PLAIN_ROOT])
  const root = findRoot(facts) as RootFacts
  const config = parseConfig(`rd.live.overlay=${NAME}`)
  const asked = { config, facts, root, name: NAME, store: storeFile(), binding: undefined }
  assert.throws(() => planPersistent(asked), /lies on another device than \/dev\/sda2/)
})

test.run()
