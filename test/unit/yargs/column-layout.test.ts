import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { wrapText } from '../../../src/yargs/column-layout.ts'

const test = suite('column layout')

test('a line is broken at the last space that fits', () => {
  assert.is(wrapText('keeps the changes made', 11), 'keeps the\nchanges\nmade')
  assert.is(wrapText('keeps the', 9), 'keeps the')
})

test('a word that is too long stays whole', () => {
  assert.is(wrapText('a /dev/disk/by-label/PERSIST b', 8), 'a\n/dev/disk/by-label/PERSIST\nb')
})

test('indentation and line ends of the text are kept', () => {
  assert.is(wrapText('  one two\nthree', 7), '  one\ntwo\nthree')
})

test.run()
