import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { probeStore } from '../../../src/overlay/probe-store.ts'
import { autoStorePath } from '../../../src/overlay/store-path.ts'
import { factsOf, loop } from '../facts-of.ts'
import { imageStart } from '../image-start.ts'
import { type Maps, mapSystem } from '../map-system.ts'

const test = suite('probe store')

const store = new Uint8Array(1 << 20)
store.set(formatCowHeader(8))
const maps: Maps = {
  kinds: { '/p/d': 'directory', '/p/link': 'symlink', '/p/d/link': 'symlink', '/p/d/dev': 'block' },
  bytes: {
    '/p/blank': new Uint8Array(65536),
    '/p/d/store': store,
    '/p/cut': store.slice(0, 4096),
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

test('the name of a store that has none is that of stock dracut', () => {
  const live = parseConfig('root=live:LABEL=L rd.live.dir=a/b')
  const content = { type: 'iso9660', label: 'F/39', uuid: '2026-01' } as const
  assert.is(autoStorePath(live, content), '/a/b/overlay-F_39-2026-01')
  assert.is(autoStorePath(parseConfig(''), { type: 'ext4' }), '/LiveOS/overlay--')
  assert.is(autoStorePath(parseConfig(''), undefined), '/LiveOS/overlay--')
})

test.run()
