import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isListName } from '../../../src/stateless/listed.ts'
import { parseRwtab } from '../../../src/stateless/parse-rwtab.ts'
import { parseStatetab } from '../../../src/stateless/parse-statetab.ts'
import { formatRemark } from '../../../src/stateless/remark.ts'

const test = suite('rwtab and statetab')

function rwtab(text: string) {
  const { entries, remarks } = parseRwtab(text, 'f')
  const found = entries.map(({ seed, path, line }) => `${line} ${seed} ${path}`)
  return [found, remarks.map(formatRemark)]
}

function statetab(text: string) {
  const { entries, remarks } = parseStatetab(text, 'f')
  return [entries.map(({ path, line }) => `${line} ${path}`), remarks.map(formatRemark)]
}

test('rwtab: a kind, blanks, a path; anything else is a comment', () => {
  const text = 'empty /a\n  dirs\t/b/\nfiles /c # more\n#files /x\nan x\n/x\n\n# /x\nfiles //d/./e/'
  assert.equal(rwtab(text), [['1 empty /a', '2 dirs /b', '3 files /c', '9 files /d/e'], []])
})

test('rwtab: a word that is no kind, before a path, is a comment, which is said', () => {
  const none = 'is none of empty, dirs and files: the line is taken for a comment'
  assert.equal(rwtab('file /x\n\tFiles /x\n#file /x\nempty /a'), [
    ['4 empty /a'],
    [`f:1: 'file' ${none}`, `f:2: 'Files' ${none}`],
  ])
})

test('a path that is longer than the kernel takes is none', () => {
  const [longest, longer] = [4094, 4095].map((length) => `/${'x'.repeat(length)}`)
  for (const read of [(path: string) => rwtab(`files ${path}`), statetab]) {
    assert.is(read(longest!)[0]?.length, 1)
    assert.equal(read(longer!), [[], ['f:1: a path of 4096 characters is too long, ignored']])
  }
})

test('rwtab: quotes and backslashes protect blanks', () => {
  const text = 'files "/a b" x\nfiles \'/c d\'\nfiles /e\\ f g\nfiles "/open\nfiles /it\\\'s'
  assert.equal(rwtab(text), [
    ['1 files /a b', '2 files /c d', '3 files /e f', "5 files /it's"],
    ['f:4: names no path, ignored'],
  ])
})

test('rwtab: the root is an entry, a relative path and one that climbs are none', () => {
  assert.equal(rwtab('empty /\nempty a\nempty /a/../b\nempty'), [
    ['1 empty /'],
    [
      "f:2: 'a' is not an absolute path, ignored",
      "f:3: the path '/a/../b' climbs with '..', ignored",
      'f:4: names no path, ignored',
    ],
  ])
})

test('statetab: the whole line is a path, blanks included', () => {
  assert.equal(statetab('/a b/c\n# x\n\n  /d  \n'), [['1 /a b/c', '4 /d'], []])
})

test('statetab: what older parsers took is taken, and said to be old', () => {
  assert.equal(statetab('dirs /a\n/b /c\n/d # e\nfiles /f /g\n /h #'), [
    ['1 /a', '2 /b', '2 /c', '3 /d', '4 /f', '4 /g', '5 /h'],
    [
      "f:1: 'dirs' is a word of rwtab: deprecated here, ignored",
      'f:2: several paths on a line: deprecated, give each a line',
      'f:3: a comment behind a path: deprecated, taken for one',
      'f:4: several paths on a line: deprecated, give each a line',
      'f:5: a comment behind a path: deprecated, taken for one',
    ],
  ])
})

test('statetab: a path with a number sign in it, and one with a word that is no path behind it', () => {
  assert.equal(statetab('/a#b\n/c d'), [['1 /a#b', '2 /c d'], []])
})

test('statetab: a line that is a path as it stands is never split', () => {
  const there = (path: string) => path === '/a # b' || path === '/c /d'
  const { entries, remarks } = parseStatetab('/a # b\n/c /d\n/e # f', 'f', there)
  assert.equal([entries.map(({ path }) => path), remarks.length], [['/a # b', '/c /d', '/e'], 1])
})

test('lists are not what editors and package managers leave, nor what is hidden', () => {
  const names = [
    'a',
    'a.conf',
    'a~',
    'a.bak',
    'a.old',
    'a.orig',
    'a.rpmnew',
    'a.rpmorig',
    'a.rpmsave',
    '.a',
  ]
  assert.equal(names.filter(isListName), ['a', 'a.conf'])
})

test.run()
