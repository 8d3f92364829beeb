import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatJson, formatPrintable } from '../../src/printable.ts'

test('ordinary text stays as it is, beyond ASCII too', () => {
  assert.is(formatPrintable('/Käse/日本 "a" \\x20'), '/Käse/日本 "a" \\x20')
})

test('what would move the cursor or begin a line is written as a number', () => {
  assert.is(
    formatPrintable('a\u001b[2Jb\nc\u007fd\u009be\u0000'),
    'a\\x1b[2Jb\\x0ac\\x7fd\\x9be\\x00',
  )
})

test('what would turn the writing direction or is half a character is written as a number', () => {
  assert.is(formatPrintable('\u202e\u2028\ud800x'), '\\u202e\\u2028\\ud800x')
  assert.is(formatPrintable('\u{e0001}'), '\\u{0e0001}')
})

test('escaping twice gives the same as escaping once', () => {
  const once = formatPrintable('\u001b\\\u202e')
  assert.is(formatPrintable(once), once)
})

test('JSON is as safe, can be read back, and keeps undefined as null', () => {
  const text = formatJson({ a: '\u009b\u{e0001}\n', b: undefined })
  assert.is(text, '{\n  "a": "\\u009b\\udb40\\udc01\\n",\n  "b": null\n}')
  assert.equal(JSON.parse(text), { a: '\u009b\u{e0001}\n', b: null })
})

test.run()
