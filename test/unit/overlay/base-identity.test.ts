import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isSameBase, readBaseIdentity, type SeenBase } from '../../../src/overlay/base-identity.ts'
import { imageStart } from '../image-start.ts'

const test = suite('base identity')

const SECTORS = 2048
const START_BYTES = 1 << 17

/** A disk of which little is not zero. */
class Disk {
  readonly #start: Uint8Array
  readonly #far = new Map<number, number>()
  /** What was read of it. */
  readBytes = 0
  constructor(start = new Uint8Array(START_BYTES)) {
    this.#start = start
  }
  get seen(): SeenBase {
    const read = (offset: number, length: number) => {
      this.readBytes += length
      const bytes = new Uint8Array(length)
      bytes.set(this.#start.subarray(offset, offset + length))
      for (const [at, value] of this.#far)
        if (at >= offset && at < offset + length) bytes[at - offset] = value
      return bytes
    }
    return readBaseIdentity(read, SECTORS)
  }
  set(at: number, ...values: number[]): void {
    for (const [index, value] of values.entries()) {
      if (at + index < START_BYTES) this.#start[at + index] = value
      else this.#far.set(at + index, value)
    }
  }
  /** Changes a byte into one that it was not. */
  flip(at: number): void {
    this.set(at, ((at < START_BYTES ? this.#start[at] : this.#far.get(at)) ?? 0) ^ 0x01)
  }
}

const image = (name: string) => new Disk(new Uint8Array(imageStart(name, START_BYTES)))
const text = (word: string) => [...word].map((letter) => letter.charCodeAt(0))

/** A change at each of the places makes another base of it, and nothing that is recorded before knows it. */
function isAnother(disk: Disk, places: readonly number[]): void {
  for (const place of places) {
    const before = disk.seen
    disk.flip(place)
    assert.not(isSameBase(before, disk.seen), `0x${place.toString(16)}`)
    disk.flip(place)
  }
}

/** A change at each of them does not. */
function isTheSame(disk: Disk, places: readonly number[]): void {
  for (const place of places) {
    const before = disk.seen
    disk.flip(place)
    assert.is(disk.seen.fingerprint, before.fingerprint, `0x${place.toString(16)}`)
  }
}

// As the first version of holdfast took them.
for (const [name, fingerprint] of [
  ['ext2', '3efbc888-76efddc5'],
  ['ext3', '70e46213-76efddc5'],
  ['ext4', '5b88ef91-76efddc5'],
  ['xfs', '132d1ef0-76efddc5'],
  ['btrfs', 'bcc31dc5-a5be6dd4'],
  ['f2fs', '2cfe4209-76efddc5'],
  ['squashfs', '4863db70-76efddc5'],
  ['erofs', 'ffc20ee8-76efddc5'],
  ['iso', 'bcc31dc5-76efddc5'],
] as const) {
  test(`${name}: a record of before is still one of this base`, () => {
    const { seen } = image(name)
    assert.ok(isSameBase({ ...seen, fingerprint }, seen))
    assert.not(isSameBase({ ...seen, fingerprint: fingerprint.replace(/.$/, '') }, seen))
  })
}

test('the identity changes with the superblock, with what follows it, and with nothing else', () => {
  const disk = new Uint8Array(1 << 20)
  const read = (offset: number, length: number) => disk.subarray(offset, offset + length)
  const before = readBaseIdentity(read, 2048)
  disk[300_000] = 1
  assert.equal(readBaseIdentity(read, 2048), before)
  for (const place of [1024 + 0x30, 4096, 65536 + 72]) {
    const known = readBaseIdentity(read, 2048).fingerprint
    disk[place] = 7
    assert.is.not(readBaseIdentity(read, 2048).fingerprint, known)
  }
})

test('what e2fsck notes on a base that it finds clean is no other base; what a mount for writing leaves is', () => {
  const disk = imageStart('ext4', 1 << 17)
  const read = (offset: number, length: number) => disk.slice(offset, offset + length)
  const { fingerprint } = readBaseIdentity(read, 2048)
  // ext4/super.rst: written, last checked, kilobytes written, their high bytes, checksum.
  for (const place of [0x30, 0x40, 0x178, 0x274, 0x277, 0x3fc]) {
    disk[1024 + place]! ^= 0xff
    assert.is(readBaseIdentity(read, 2048).fingerprint, fingerprint, `0x${place.toString(16)}`)
  }
  // Mounted, times mounted, state; mounted with its high byte; free blocks.
  for (const place of [0x2c, 0x34, 0x3a, 0x275, 0x0c]) {
    disk[1024 + place]! ^= 0x02
    assert.is.not(readBaseIdentity(read, 2048).fingerprint, fingerprint, `0x${place.toString(16)}`)
    disk[1024 + place]! ^= 0x02
  }
})

const XFS_CHECKSUM = 224
const XFS_LSN = 240

test('xfs: what a read-only mount leaves in the superblock, as that of each boot, is no other base', () => {
  const disk = image('xfs')
  isTheSame(disk, [XFS_CHECKSUM, XFS_CHECKSUM + 3, XFS_LSN, XFS_LSN + 7])
  // Inodes, free inodes, free blocks; the fields beside those that are left out.
  isAnother(disk, [128 + 7, 136 + 7, 144 + 7, 223, 228, 239, 248])
})

// A mount for writing that only writes over what a file has, or renames within a folder, is not seen: nothing that is
// cheap to read tells it from the mounts of each boot.
test('xfs: what is allocated or freed in any group makes another base', () => {
  const disk = image('xfs')
  const groupBytes = 20480 * 4096
  for (const group of [0, 1, 3]) {
    // Place in the log of the headers for space and for inodes.
    isAnother(
      disk,
      [512 + 208, 1024 + 320].map((at) => group * groupBytes + at),
    )
  }
  assert.ok(disk.seen.showsChanges && disk.seen.formerShowsChanges)
})

test('xfs of version 4 has no such places, and does not claim to', () => {
  const disk = image('xfs')
  disk.set(101, 0xa4)
  assert.not(disk.seen.showsChanges)
})

test('xfs: of thousands of groups, or of a geometry that cannot be, little is read', () => {
  const grown = image('xfs')
  grown.set(88, 0xff, 0xff, 0xff, 0xff)
  assert.ok(grown.seen.showsChanges)
  assert.ok(grown.readBytes < 100_000, String(grown.readBytes))
  const wild = image('xfs')
  wild.set(4, 0xff, 0xff, 0xff, 0xff)
  assert.ok(wild.seen.fingerprint !== '')
})

const SEGMENT = 512 * 4096
const CHECKPOINT = SEGMENT

test('f2fs: a checkpoint makes another base, though the superblock is the same', () => {
  const disk = image('f2fs')
  // As mkfs.f2fs leaves them: one in use, the other never written.
  disk.set(CHECKPOINT, 0xa1, 0x10, 0x5f, 0x11)
  const made = disk.seen
  assert.ok(made.showsChanges && !made.formerShowsChanges)
  // The next one goes to the other segment.
  disk.set(CHECKPOINT + SEGMENT, 0xa2, 0x10, 0x5f, 0x11)
  const used = disk.seen
  assert.not(isSameBase(made, used))
  // A superblock of before tells nothing: it is accepted, and planBinding warns.
  assert.ok(isSameBase({ ...made, fingerprint: made.formerFingerprint }, used))
  isAnother(
    disk,
    [0, 7, 16, 144, 148, 152].map((at) => CHECKPOINT + SEGMENT + at),
  )
  // The older one is not what counts.
  isTheSame(disk, [CHECKPOINT + 16])
})

test('f2fs: the number of a checkpoint has 64 bits', () => {
  const disk = image('f2fs')
  disk.set(CHECKPOINT, 0xff, 0xff, 0xff, 0xff)
  disk.set(CHECKPOINT + SEGMENT, 0, 0, 0, 0, 1)
  isAnother(disk, [CHECKPOINT + SEGMENT + 16])
  isTheSame(disk, [CHECKPOINT + 16])
})

test('f2fs of a geometry that no kernel takes tells nothing', () => {
  for (const at of [1024 + 16, 1024 + 20]) {
    const disk = image('f2fs')
    disk.set(at, 0xff)
    assert.not(disk.seen.showsChanges)
  }
})

test('jfs: a mount for writing changes its superblock at 32 KiB; a check that finds it clean does not', () => {
  const disk = new Disk()
  disk.set(32768, ...text('JFS1'))
  assert.ok(disk.seen.showsChanges && !disk.seen.formerShowsChanges)
  // Flags, state, device of the journal, its serial number; time, the field beside that which is left out.
  isAnother(
    disk,
    [36, 40, 64, 68, 88, 99, 101].map((at) => 32768 + at),
  )
  isTheSame(disk, [32768 + 100])
})

test('nilfs2 and reiserfs show a mount for writing where all are looked at', () => {
  const nilfs = new Disk()
  nilfs.set(1024 + 6, 0x34, 0x34)
  const reiser = new Disk()
  reiser.set(65536 + 52, ...text('ReIsEr2Fs'))
  for (const [disk, count] of [
    [nilfs, 1024 + 52],
    [reiser, 65536 + 82],
  ] as const) {
    assert.ok(disk.seen.showsChanges && disk.seen.formerShowsChanges)
    isAnother(disk, [count])
  }
})

test('what has no such place, or is not known, does not claim to', () => {
  for (const disk of [image('fat32'), image('exfat'), image('ntfs'), new Disk()]) {
    assert.not(disk.seen.showsChanges, disk.seen.type)
  }
})

test('little is read of a base, whatever it is', () => {
  for (const name of ['ext4', 'btrfs', 'f2fs', 'squashfs']) {
    const disk = image(name)
    assert.ok(disk.seen.fingerprint !== '')
    assert.ok(disk.readBytes < 24_000, `${name}: ${disk.readBytes}`)
  }
})

test.run()
