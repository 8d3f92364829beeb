import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  coversAny,
  folderOf,
  foldersAbove,
  groupBy,
  isBelow,
  isVolatile,
  parentFirst,
  topmost,
} from '../../../src/stateless/paths.ts'

const test = suite('paths')

const items = (...paths: string[]) => paths.map((path) => ({ path }))
const pathsOf = (found: readonly { path: string }[]) => found.map(({ path }) => path)

test('a path lies below its folders, not below itself nor below a name that only begins like it', () => {
  assert.ok(isBelow('/a/b', '/a') && isBelow('/a', '/'))
  assert.not(isBelow('/a', '/a') || isBelow('/ab', '/a') || isBelow('/', '/'))
  assert.equal(foldersAbove('/a/b/c'), ['/a/b', '/a', '/'])
  assert.equal(['/a/b', '/a', '/'].map(folderOf), ['/a', '/', '/'])
})

test('a folder comes before what lies in it, whatever sorts between them; each path once', () => {
  const found = parentFirst(items('/a/b', '/a-b', '/a.b', '/a', '/a/b', '/a/b/c', '/Z'))
  assert.equal(pathsOf(found), ['/Z', '/a-b', '/a.b', '/a', '/a/b', '/a/b/c'])
})

test('the topmost are those that lie below no other', () => {
  assert.equal(pathsOf(topmost(items('/a/b', '/a', '/ab', '/c/d', '/c/d/e/f'))), [
    '/a',
    '/ab',
    '/c/d',
  ])
})

test('a set of paths covers itself and what is below', () => {
  const covers = coversAny(['/a/b', '/c'])
  assert.equal(['/a', '/a/b', '/a/b/c', '/a/bc', '/c/d', '/'].filter(covers), [
    '/a/b',
    '/a/b/c',
    '/c/d',
  ])
})

test('groups keep the order in which they came', () => {
  assert.equal(
    [...groupBy(['b1', 'a1', 'b2'], (word) => word.slice(0, 1))],
    [
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
    ],
  )
})

test('the kernel file systems and /run are made anew at each boot', () => {
  assert.equal(['/proc', '/run/x', '/dev/shm', '/sys', '/running', '/d'].filter(isVolatile), [
    '/proc',
    '/run/x',
    '/dev/shm',
    '/sys',
  ])
})

test.run()
