import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ByteReader } from '../../../src/formats/bytes.ts'
import { probeSuperblock } from '../../../src/formats/superblock.ts'
import { seededRandom } from './seeded-random.ts'
import { images } from './superblock-images.ts'

interface Image {
  read: ByteReader
  reads: string[]
  poke(offset: number, bytes: ArrayLike<number>): void
}

/** An image whose bytes are zero but for its stretches; notes each read as "offset+length". */
function imageOf(bytes: number, stretches: [number, ArrayLike<number>][]): Image {
  const reads: string[] = []
  const read: ByteReader = (offset, length) => {
    reads.push(`${offset}+${length}`)
    const buffer = new Uint8Array(Math.max(0, Math.min(length, bytes - offset)))
    for (const [at, stretch] of stretches) {
      for (let i = 0; i < stretch.length; i++) {
        const place = at + i - offset
        if (place >= 0 && place < buffer.length) buffer[place] = stretch[i] ?? 0
      }
    }
    return buffer
  }
  return { read, reads, poke: (offset, poked) => stretches.push([offset, poked]) }
}

function load(name: string): Image {
  const image = images[name]
  if (!image) throw new Error(`no such image: ${name}`)
  return imageOf(
    image.bytes,
    image.stretches.map(([at, base64]) => [at, Buffer.from(base64, 'base64')]),
  )
}

const ascii = (text: string) => Buffer.from(text, 'latin1')
const tidy = { needsCheck: false }
const clean = { needsRecovery: false, needsCheck: false }

/** Type, label and UUID as blkid 2.38.1 has them; bytes as the tool was given them, or said it used. */
const expected = {
  ext2: {
    type: 'ext2',
    label: 'two',
    uuid: 'd95c2226-7825-4614-93b5-b54f6469d011',
    bytes: 8388608,
    ...clean,
  },
  ext3: {
    type: 'ext3',
    label: 'three',
    uuid: 'e07de61a-bec4-47e0-91a4-7aa2f28a7741',
    bytes: 16777216,
    ...clean,
  },
  ext4: {
    type: 'ext4',
    label: '  grün x',
    uuid: 'ae7d8672-5a15-4f08-a98e-9a31957acbd4',
    bytes: 16777216,
    ...clean,
  },
  'ext4-64': {
    type: 'ext4',
    uuid: '56e8b43b-34e5-49fa-a800-6e3936bacf46',
    bytes: 67108864,
    ...clean,
  },
  fat12: { type: 'vfat', label: 'KELP', uuid: '1F04-EBC1', bytes: 2097152, ...tidy },
  fat16: { type: 'vfat', label: 'KELP16', uuid: '1F04-FE47', bytes: 33554432, ...tidy },
  fat32: { type: 'vfat', label: 'KELP 32', uuid: '1F05-0AE4', bytes: 67108864, ...tidy },
  exfat: { type: 'exfat', label: 'ex lä', uuid: '6B27-61F0', bytes: 16777216 },
  ntfs: { type: 'ntfs', uuid: '5E93D1AC631236E4', bytes: 16776704 },
  xfs: {
    type: 'xfs',
    label: 'xlab',
    uuid: 'eeb63c5a-a804-47a7-9168-31040d714b0c',
    bytes: 335544320,
  },
  btrfs: {
    type: 'btrfs',
    label: 'btr label',
    uuid: '26989dbb-3ea1-48a0-adcd-dbeb5ec63bbd',
    bytes: 134217728,
  },
  f2fs: {
    type: 'f2fs',
    label: 'f2 lä',
    uuid: 'c762b238-7959-460b-aca9-e879cc97165b',
    bytes: 67108864,
  },
  erofs: { type: 'erofs', uuid: '47ce2f26-1424-4619-ba10-13725ca1aef3', bytes: 4096 },
  squashfs: { type: 'squashfs', bytes: 221 },
  iso: { type: 'iso9660', label: 'HOLD ISO', uuid: '2026-11-22-17-10-08-00', bytes: 376832 },
  'iso-dated': { type: 'iso9660', label: 'lower_x', uuid: '2026-11-22-10-00-00-00', bytes: 114688 },
  luks1: { type: 'crypto_LUKS', uuid: '1d2bf562-b966-435d-b5eb-a4aab5246ed4' },
  luks2: { type: 'crypto_LUKS', label: 'lk', uuid: '165e987c-1aa5-4361-aea9-c7b69c5808ef' },
  swap: { type: 'swap', label: 'sw', uuid: '68a93d95-4246-4e66-8d1e-b12eecca3bcd' },
} as const

for (const [name, superblock] of Object.entries(expected)) {
  test(`${name} is recognised with the label and UUID that blkid shows`, () => {
    assert.equal(probeSuperblock(load(name).read), superblock)
  })
}

test('every image has its expectation', () => {
  assert.equal(Object.keys(images).sort(), Object.keys(expected).sort())
})

test('what the first 4 KiB tell costs no second read', () => {
  for (const name of ['ext4', 'xfs', 'squashfs', 'erofs', 'swap', 'luks2', 'f2fs', 'ntfs']) {
    const image = load(name)
    probeSuperblock(image.read)
    assert.equal(image.reads, ['0+4096'], name)
  }
})

test('nothing found costs three small reads', () => {
  const image = imageOf(1 << 20, [])
  assert.is(probeSuperblock(image.read), undefined)
  assert.equal(image.reads, ['0+4096', '32768+2048', '65536+1024'])
})

test('an empty file holds nothing', () => {
  assert.is(probeSuperblock(imageOf(0, []).read), undefined)
})

test('an ext4 whose journal is dirty needs recovery', () => {
  const image = load('ext4')
  const incompat = image.read(1024 + 0x60, 1)[0] ?? 0
  image.poke(1024 + 0x60, [incompat | 0x4])
  const found = probeSuperblock(image.read)
  assert.is(found?.needsRecovery, true)
  assert.is(found?.needsCheck, false)
})

for (const [state, what] of [
  [0x0, 'was left in the middle of work'],
  [0x2, 'the kernel marked as damaged'],
  [0x3, 'is clean but for damage that the kernel saw'],
] as const) {
  test(`an ext4 that ${what} needs a check`, () => {
    const image = load('ext4')
    image.poke(1024 + 0x3a, [state])
    assert.is(probeSuperblock(image.read)?.needsCheck, true)
  })
}

test('orphans that wait for the journal need no check', () => {
  const image = load('ext4')
  image.poke(1024 + 0x3a, [0x5])
  assert.is(probeSuperblock(image.read)?.needsCheck, false)
})

for (const [name, at] of [
  ['fat12', 0x25],
  ['fat16', 0x25],
  ['fat32', 0x41],
] as const) {
  test(`a ${name} that was not let go needs a check`, () => {
    const image = load(name)
    image.poke(at, [0x1])
    assert.is(probeSuperblock(image.read)?.needsCheck, true)
  })
}

/** An ext4 with multiple mount protection in its block 40, which says that sequence and host. */
function guarded(sequence: number, host: string): Image {
  const image = load('ext4')
  const block = Buffer.alloc(80)
  block.writeUInt32LE(0x004d4d50, 0)
  block.writeUInt32LE(sequence, 4)
  block.write(host, 16, 'latin1')
  image.poke(1024 + 0x61, [0x3])
  image.poke(1024 + 0x168, [40, 0, 0, 0, 0, 0, 0, 0])
  image.poke(40 * 1024, block)
  return image
}

test('an ext4 with multiple mount protection names the host that has it', () => {
  const claim = (sequence: number, host: string) =>
    probeSuperblock(guarded(sequence, host).read)?.claim
  assert.equal(claim(0x1234, 'a.b'), { sequence: 0x1234, host: 'a.b', isCheck: false })
  assert.equal(claim(0xe24d4d50, ''), { sequence: 0xe24d4d50, host: '', isCheck: true })
  assert.is(claim(0xff4d4d50, 'other'), undefined)
})

test('a block of multiple mount protection beyond all disks is not read', () => {
  const image = guarded(0x1234, 'other')
  image.poke(1024 + 0x168, [255, 255, 255, 255, 255, 255, 31, 0])
  const found = probeSuperblock((offset, length) => {
    assert.ok(Number.isSafeInteger(offset + length))
    return image.read(offset, length)
  })
  assert.equal([found?.type, found?.claim], ['ext4', undefined])
})

test('an ext3 with a dirty journal is still an ext3', () => {
  const image = load('ext3')
  image.poke(1024 + 0x60, [0x6])
  assert.is(probeSuperblock(image.read)?.type, 'ext3')
})

test('one feature that ext3 did not know makes it an ext4, journal or not', () => {
  for (const name of ['ext2', 'ext3']) {
    const hugeFile = load(name)
    hugeFile.poke(1024 + 0x64, [0x8])
    assert.is(probeSuperblock(hugeFile.read)?.type, 'ext4')
    const extents = load(name)
    extents.poke(1024 + 0x60, [0x42])
    assert.is(probeSuperblock(extents.read)?.type, 'ext4')
  }
})

test('the high half of the block count counts only with the 64bit feature', () => {
  const with64 = load('ext4-64')
  with64.poke(1024 + 0x150, [1, 0, 0, 0])
  assert.is(probeSuperblock(with64.read)?.bytes, (2 ** 32 + 16384) * 4096)
  const without = load('ext4-64')
  without.poke(1024 + 0x150, [1, 0, 0, 0])
  without.poke(1024 + 0x60, [0x42])
  assert.is(probeSuperblock(without.read)?.bytes, 16384 * 4096)
})

const spread: readonly (readonly [what: string, name: string, at: number, byte: number])[] = [
  ['a btrfs on two devices', 'btrfs', 65536 + 0x88, 2],
  ['an XFS with its log on another device', 'xfs', 48 + 4, 0],
  ['an XFS with a real-time device', 'xfs', 16 + 7, 1],
  ['an ext4 with its journal on another device', 'ext4', 1024 + 0xe4, 8],
  ['an F2FS on two devices', 'f2fs', 1024 + 2201 + 68, 47],
]

for (const [what, name, at, byte] of spread) {
  test(`${what} is spread over devices`, () => {
    const image = load(name)
    assert.is(probeSuperblock(image.read)?.isSpread, undefined)
    // The log of an image as mkfs.xfs makes it is in the low bytes of its number.
    image.poke(at, name === 'xfs' && byte === 0 ? [0, 0, 0, 0] : [byte])
    assert.is(probeSuperblock(image.read)?.isSpread, true)
  })
}

test('a number of a journal device counts only where there is a journal', () => {
  const image = load('ext2')
  image.poke(1024 + 0xe4, [8])
  assert.is(probeSuperblock(image.read)?.isSpread, undefined)
})

test('an external ext4 journal is no file system', () => {
  const image = load('ext3')
  image.poke(1024 + 0x60, [0x8])
  assert.is(probeSuperblock(image.read), undefined)
})

test('the volume entry of the root directory goes before the label in the boot sector', () => {
  const image = load('fat32')
  image.poke(1049600, ascii('WINDOWS    '))
  assert.is(probeSuperblock(image.read)?.label, 'WINDOWS')
})

test('without a volume entry the label in the boot sector counts', () => {
  const image = load('fat32')
  image.poke(1049600, new Uint8Array(512))
  assert.is(probeSuperblock(image.read)?.label, 'KELP 32')
})

test('deleted entries and long names are no volume entry', () => {
  const image = load('fat16')
  const entry = (name: string, attributes: number) => [
    ...ascii(name),
    attributes,
    ...Array(20).fill(0),
  ]
  image.poke(67584, [
    ...entry('\xe5ELETED    ', 0x08),
    ...entry('ALONGNAME  ', 0x0f),
    ...entry('DIRECTORY  ', 0x10),
    ...entry('PERSIST    ', 0x28),
  ])
  assert.is(probeSuperblock(image.read)?.label, 'PERSIST')
})

test('a partition table is no vfat, though both end in 55 AA', () => {
  assert.is(probeSuperblock(imageOf(1 << 20, [[510, [0x55, 0xaa]]]).read), undefined)
})

test('a FAT boot sector with a root directory outside the volume is not believed', () => {
  const image = load('fat32')
  image.poke(44, [0xff, 0xff, 0xff, 0xff])
  assert.is(probeSuperblock(image.read), undefined)
})

test('the UUID of an ISO is its modification date, or else its creation date', () => {
  const image = load('iso-dated')
  image.poke(32768 + 813, ascii('2001020304050607'))
  assert.is(probeSuperblock(image.read)?.uuid, '2026-11-22-10-00-00-00')
  image.poke(32768 + 830, ascii('0000000000000000'))
  assert.is(probeSuperblock(image.read)?.uuid, '2001-02-03-04-05-06-07')
  image.poke(32768 + 813, ascii('0000000000000000'))
  assert.is(probeSuperblock(image.read)?.uuid, undefined)
})

test('a UUID of zeros is none', () => {
  const image = load('ext4')
  image.poke(1024 + 0x68, new Uint8Array(16))
  assert.is(probeSuperblock(image.read)?.uuid, undefined)
})

test('a label that is not UTF-8 is shown with replacement characters', () => {
  const image = load('ext4')
  image.poke(1024 + 0x78, [0x61, 0xff, 0x62, 0x20, 0, 0x63])
  assert.is(probeSuperblock(image.read)?.label, 'a\ufffdb')
})

test('an initialised store is recognised', () => {
  const store = imageOf(1 << 20, [[0, ascii('SnAp\x01\0\0\0\x01\0\0\0\x08')]])
  assert.equal(probeSuperblock(store.read), { type: 'DM_snapshot_cow' })
})

test('a physical volume of LVM shows its UUID in seven groups', () => {
  const label = ascii('LABELONE\x01\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0LVM2 001')
  const volume = imageOf(1 << 20, [
    [512, label],
    [512 + 32, ascii('abcdefGHIJKLMNOPQRSTUVWXYZ012345')],
  ])
  assert.equal(probeSuperblock(volume.read), {
    type: 'LVM2_member',
    uuid: 'abcdef-GHIJ-KLMN-OPQR-STUV-WXYZ-012345',
  })
})

test('squashfs 3 is left alone: the kernel does not mount it', () => {
  const image = load('squashfs')
  image.poke(28, [3, 0])
  assert.is(probeSuperblock(image.read), undefined)
})

test('no superblock of rubbish makes the probe throw or read outside exact numbers', () => {
  const random = seededRandom(7)
  const names = Object.keys(images)
  for (let round = 0; round < 2000; round++) {
    const name = names[round % names.length] ?? ''
    const image = load(name)
    const start = name.startsWith('iso') ? 32768 : name === 'btrfs' ? 65536 : random(2) * 1024
    for (let i = 0; i < 20; i++) image.poke(start + random(512), [random(256)])
    const reader: ByteReader = (offset, length) => {
      assert.ok(Number.isSafeInteger(offset + length) && offset >= 0 && length <= 4096, name)
      return image.read(offset, length)
    }
    const found = probeSuperblock(reader)
    if (found?.bytes !== undefined) assert.ok(Number.isSafeInteger(found.bytes) && found.bytes > 0)
  }
})

test.run()
