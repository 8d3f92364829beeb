import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addLine, canBeListed, removeLines } from '../../../src/persist/own-list.ts'

const test = suite("the state device's own list")

test('what would be read back as something else cannot be listed', () => {
  for (const path of ['/etc/a', '/with blank', '/ü', '/a#b']) {
    assert.ok(canBeListed(path), path)
  }
  for (const path of ['/a\nb', '/a\tb', '/a /b', '/a #b', '/a ', '/a\u0007']) {
    assert.not.ok(canBeListed(path), JSON.stringify(path))
  }
})

test('a line is added at the end, whether the last one has ended or not', () => {
  assert.is(addLine('', '/a'), '/a\n')
  assert.is(addLine('/x\n', '/a'), '/x\n/a\n')
  assert.is(addLine('/x', '/a'), '/x\n/a\n')
})

test('only the path itself is removed, from a line with several too; all else stays byte for byte', () => {
  const text = '# note\n\n/etc/a\n/x/etc/a\n/etc/a.old\n/etc/a /etc/b\nfiles /etc/c\n'
  assert.is(
    removeLines(text, (path) => path === '/etc/a'),
    '# note\n\n/x/etc/a\n/etc/a.old\n/etc/b\nfiles /etc/c\n',
  )
  assert.is(
    removeLines('/a\n', (path) => path === '/a'),
    '',
  )
  assert.is(
    removeLines('/a/../b\n/c', (path) => path === '/b'),
    '/a/../b\n/c',
  )
})

test.run()
