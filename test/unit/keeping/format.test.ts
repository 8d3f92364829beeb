import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatKeepings } from '../../../src/keeping/format-keeping.ts'
import { formatLost, type LostReport } from '../../../src/keeping/format-lost.ts'
import { judgePath } from '../../../src/keeping/judge-path.ts'
import { Largest } from '../../../src/keeping/largest.ts'
import { disk } from '../facts-of.ts'
import { place, running } from './keeping-of.ts'

const test = suite('which and lost: what is printed')

const nothing: LostReport = {
  files: [],
  count: 0,
  totalBytes: 0,
  entries: 0,
  unseen: 0,
  stopped: false,
  storeUsedBytes: undefined,
  guessed: false,
}

test('verdict, path and words stand in columns, a link with what it leads to', () => {
  const all = running(
    [disk('sda', '8:0')],
    ['10 0 8:0 / / rw - ext4 /dev/sda rw', '11 10 0:5 / /tmp rw - tmpfs t rw'],
  )
  const judge = (path: string, asked = path) => judgePath(all, { ...place(path), asked })
  assert.equal(formatKeepings([judge('/etc/x', '/x'), judge('/tmp/a\x1b')]), [
    'kept  /x -> /etc/x  the root itself, ext4 on /dev/sda',
    'lost  /tmp/a\\x1b    tmpfs at /tmp',
  ])
})

test('nothing lost is said so', () => {
  assert.equal(formatLost(nothing), ['nothing would be lost'])
})

test('sizes, names and reasons, and a total that tells of what is not shown', () => {
  const words = 'tmpfs at /var'
  const files = [
    { path: '/var/a\nb', bytes: 1536, removed: false, words },
    { path: '/var/c', bytes: 0, removed: true, words },
  ]
  assert.equal(
    formatLost({
      ...nothing,
      files,
      count: 5,
      totalBytes: 2048,
      entries: 9,
      unseen: 1,
      stopped: true,
    }),
    [
      '1.5 KiB  /var/a\\x0ab  tmpfs at /var',
      'removed  /var/c       tmpfs at /var',
      'total: 2 KiB in 5 files, 3 of them not shown',
      'stopped after 9 files and folders: there may be more',
      '1 could not be looked at; root can look at all of them',
    ],
  )
})

test('a store in RAM says how much it has taken, and that its files are a guess', () => {
  const said = [
    "the root's store in RAM: all of it would be lost.",
    'It knows chunks, not files: those on the root below are a guess, by their times.',
    'no file was found that changed since boot',
  ]
  assert.equal(formatLost({ ...nothing, guessed: true }), said)
  const [first, ...rest] = formatLost({ ...nothing, guessed: true, storeUsedBytes: 3 << 20 })
  assert.is(first, `3 MiB used of ${said[0]}`)
  assert.equal(rest, said.slice(1))
})

test('of a million sizes the largest are kept, in memory for few', () => {
  const largest = new Largest<{ path: string; bytes: number }>(3)
  for (let i = 0; i < 1_000_000; i++) largest.add({ path: `/${i}`, bytes: (i * 7919) % 1_000_003 })
  const bytes = largest.inOrder().map((item) => item.bytes)
  assert.is(bytes.length, 3)
  assert.ok(bytes[0]! > bytes[1]! && bytes[1]! > bytes[2]! && bytes[2]! > 999_900)
})

test.run()
