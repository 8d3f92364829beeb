import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { SystemError } from '../../../src/machine/system.ts'
import { probeAttached } from '../../../src/overlay/probe-attached.ts'
import { probeStore } from '../../../src/overlay/probe-store.ts'
import { autoStorePath } from '../../../src/overlay/store-path.ts'
import { disk, factsOf, loop } from '../facts-of.ts'
import { imageStart } from '../image-start.ts'
import { type Maps, mapSystem } from '../map-system.ts'

const test = suite('probe store')

const store = new Uint8Array(1 << 20)
store.set(formatCowHeader(8))
const later = store.slice()
later[8] = 2
const maps: Maps = {
  kinds: { '/p/d': 'directory', '/p/link': 'symlink', '/p/d/link': 'symlink', '/p/d/dev': 'block' },
  bytes: {
    '/p/blank': new Uint8Array(65536),
    '/p/d/store': store,
    '/p/cut': store.slice(0, 4096),
    '/p/later': later,
    '/p/ext4': imageStart('ext4', 70000),
    '/p/btrfs': imageStart('btrfs', 70000),
    '/p/text': Uint8Array.from([1, 2, 3]),
  },
}

function probe(path: string, attached?: string) {
  const devices = attached === undefined ? [] : [loop(3, attached)]
  return probeStore(mapSystem(maps), factsOf(devices), '/p', path)
}

/** The bytes that are read must not come from where a link leads. */
test('a symbolic link is not followed, at the end or on the way', () => {
  assert.equal(probe('/link'), { kind: 'unfit', why: 'link is a symlink' })
  assert.equal(probe('/d/link'), { kind: 'unfit', why: 'link is a symlink' })
  assert.equal(probe('/link/blank'), { kind: 'unfit', why: 'link is a symlink' })
})

test('nothing but a regular file is opened', () => {
  assert.equal(probe('/d/dev'), { kind: 'unfit', why: 'dev is a block' })
  assert.equal(probe('/blank/x'), { kind: 'unfit', why: 'blank is a file' })
  assert.equal(probe('/d'), { kind: 'directory', path: '/p/d' })
  assert.equal(probe('/none'), { kind: 'missing' })
  assert.equal(probe('/none/x'), { kind: 'missing' })
})

test('a file is told by what it holds', () => {
  const told = (path: string) => {
    const found = probe(path)
    return found.kind === 'file'
      ? [found.header.kind, found.content, found.usage?.kind]
      : found.kind
  }
  assert.equal(told('/blank'), ['blank', undefined, undefined])
  assert.equal(told('/d/store'), ['store', undefined, 'sound'])
  assert.equal(told('/cut'), ['store', undefined, 'truncated'])
  // It is a store, and no image of something else.
  assert.equal(told('/later'), ['unfit', undefined, undefined])
  assert.is(told('/ext4')[1], 'ext4')
  assert.equal(told('/btrfs'), ['blank', 'btrfs', undefined])
  assert.equal(told('/text'), ['foreign', undefined, undefined])
})

test('the loop device that has it already is named', () => {
  const loopOf = (attached: string) => {
    const found = probe('/d/store', attached)
    return found.kind === 'file' ? found.loop : found.kind
  }
  assert.equal([loopOf('/p/d/store'), loopOf('/p/store')], ['/dev/loop3', undefined])
})

const why = (extra: Maps, path: string, facts = factsOf([])) => {
  const found = probeStore(mapSystem({ ...maps, ...extra }), facts, '/p', path)
  return 'why' in found ? found.why : found.kind
}

test('one that a recovery has left between two names is told from one that is missing', () => {
  const [copy, old] = ['/p/s.img.recovery', '/p/s.img.before-recovery']
  const bytes = { [copy]: new Uint8Array(9), [old]: new Uint8Array(9) }
  assert.is(why({ bytes }, '/s.img'), 'interrupted')
  assert.is(why({ bytes: { [copy]: new Uint8Array(9) } }, '/s.img'), 'missing')
  assert.is(why({ bytes: { [old]: new Uint8Array(9) } }, '/s.img'), 'missing')
  assert.is(why({ bytes, kinds: { [copy]: 'symlink' } }, '/s.img'), 'missing')
  assert.is(why({ bytes, kinds: { [old]: 'fifo' } }, '/s.img'), 'missing')
  assert.is(why({ bytes }, '/s.img/x'), 'missing')
})

test('a hard link is not opened: the file may be another one too', () => {
  const stats = { '/p/blank': { links: 3 } }
  assert.is(why({ stats }, '/blank'), 'it has 3 names (hard links), and a store has one')
})

test('another file system is not entered, but a subvolume of btrfs is', () => {
  const mountinfo = (...lines: string[]) => ({
    texts: { '/proc/self/mountinfo': ['1 0 0:1 / / rw - rootfs r rw', ...lines].join('\n') },
  })
  const holder = '2 1 8:16 / /p rw - btrfs /dev/sdb rw'
  const stats = { '/p/d': { device: '0:40' }, '/p/d/store': { device: '0:40' } }
  const bound = mountinfo(holder, '3 2 0:40 / /p/d rw - proc proc rw')
  assert.is(why({ stats, ...bound }, '/d/store'), 'd lies on another file system')
  const file = { '/p/blank': { device: '0:40' } }
  const boundFile = mountinfo(holder, '3 2 0:40 /x /p/blank rw - ext4 /dev/sdc rw')
  assert.is(why({ stats: file, ...boundFile }, '/blank'), 'blank lies on another file system')
  assert.is(why({ stats, ...mountinfo(holder) }, '/d/store'), 'file')
})

test('a file that claims to be longer than its disk is not read, nor one whose length no number has', () => {
  const facts = factsOf([disk('sdb', '0:1')])
  const of = (bytes: number) => why({ stats: { '/p/blank': { bytes } } }, '/blank', facts)
  assert.is(of(2 ** 41), 'it claims to be longer (2 TiB) than the disk that it lies on (1 GiB)')
  assert.is(of(2 ** 60), 'it is longer than any disk')
  assert.is(of(2 ** 30), 'file')
})

test('zeros in the place of a header are damage where entries may follow, and blank where none do', () => {
  const lost = new Uint8Array(1 << 20)
  lost[5000] = 1
  const found = probeStore(mapSystem({ bytes: { '/p/lost': lost } }), factsOf([]), '/p', '/lost')
  assert.is(found.kind === 'file' && found.usage?.kind, 'corrupt')
})

/** A machine on which the bytes from `bad` on of every file cannot be read. */
function failing(bad: number) {
  const system = mapSystem(maps)
  const readBytes = (path: string, offset: number, length: number) => {
    if (offset + length > bad) throw new SystemError('EIO', 'read', path)
    return system.readBytes(path, offset, length)
  }
  return { ...system, readBytes }
}

test('a sector that cannot be read is named by its place', () => {
  assert.equal(probeStore(failing(0), factsOf([]), '/p', '/d/store'), {
    kind: 'unreadable',
    why: 'it cannot be read at byte 0 (EIO)',
  })
  const found = probeStore(failing(6000), factsOf([]), '/p', '/d/store')
  const usage = found.kind === 'file' ? found.usage : undefined
  assert.equal(usage, { kind: 'unreadable', why: 'it cannot be read at byte 8176 (EIO)' })
})

const STAT = {
  bytes: 1,
  mode: 0,
  uid: 0,
  gid: 0,
  links: 1,
  names: '0:0',
  modifiedSeconds: 0,
  changedSeconds: 0,
  allocatedSectors: 0,
}
const store7 = { ...STAT, kind: 'file', inode: 7, device: '8:16' } as const

/** Which loop devices have the file with inode 7 at /p/s, as losetup would say it of hidden ones; and who was asked. */
function attached(backing: string, stats: Maps['stats'], losetup: string) {
  const asked: string[] = []
  const system = {
    ...mapSystem({
      kinds: { '/p/s': 'file', '/q/s': 'file', '/q/t': 'file' },
      ...(stats && { stats }),
    }),
    run(argv: readonly string[]) {
      asked.push(argv.join(' '))
      return { status: 0, stdout: losetup, stderr: '', timedOut: false }
    },
  }
  const facts = factsOf([loop(3, backing)])
  return [probeAttached(system, facts, '/p/s', store7).map(({ node }) => node), asked.length]
}

test('a file is known by its inode wherever it is seen, without a process where that is clear', () => {
  assert.equal(attached('/q/t', { '/q/t': { inode: 7, device: '8:16' } }, ''), [['/dev/loop3'], 0])
  assert.equal(attached('/q/t', { '/q/t': { inode: 8, device: '8:16' } }, ''), [[], 0])
  assert.equal(attached('/q/t', { '/q/t': { inode: 7, device: '8:17' } }, ''), [[], 0])
})

test('losetup is asked about a file that is hidden or gone, or has the same name elsewhere', () => {
  const others = { '/q/s': { inode: 8, device: '8:16' } }
  assert.equal(attached('/s (deleted)', {}, '/dev/loop3 7 8:16\n'), [['/dev/loop3'], 1])
  assert.equal(attached('/hidden/x', {}, '/dev/loop3 7 \\x20\\x208:16\n'), [['/dev/loop3'], 1])
  assert.equal(attached('/q/s', others, '/dev/loop3 8 8:16\n'), [[], 1])
  assert.equal(attached('/q/s', others, '/dev/loop3 7 8:16\n'), [['/dev/loop3'], 1])
})

test('a losetup that cannot tell leaves the path to go by', () => {
  const other = { '/p/s': { inode: 9, device: '8:16' } }
  assert.equal(attached('/p/s', other, 'losetup: unknown column'), [['/dev/loop3'], 1])
  assert.equal(attached('/hidden/s', {}, ''), [[], 1])
})

test('the name of a store that has none is that of stock dracut', () => {
  const live = parseConfig('root=live:LABEL=L rd.live.dir=a/b')
  const content = { type: 'iso9660', label: 'F/39', uuid: '2026-01' } as const
  assert.is(autoStorePath(live, content), '/a/b/overlay-F_39-2026-01')
  assert.is(autoStorePath(parseConfig(''), { type: 'ext4' }), '/LiveOS/overlay--')
  assert.is(autoStorePath(parseConfig(''), undefined), '/LiveOS/overlay--')
})

test.run()
