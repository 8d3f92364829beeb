import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError, ConfigError, RefusedError, UsageError } from '../../src/errors.ts'
import { formatError } from '../../src/format-error.ts'
import { lines } from './script-of.ts'

const test = suite('formatError')

test('an expected error is its text', () => {
  assert.is(formatError(new UsageError('that is no size')), 'holdfast: that is no size\n')
})

test('further lines stand below the first, and what ends them all is left out', () => {
  const error = new CommandError('Failed to mount: it said\n  wrong fs type\n\n', ['mount'])
  const expected = lines('holdfast: Failed to mount: it said', '            wrong fs type')
  assert.is(formatError(error), expected)
})

test('a refusal says so, and its hint stands on a line of its own', () => {
  const error = new RefusedError('there is no device', 'See what is there.')
  const expected = lines('holdfast: refused: there is no device', '          See what is there.')
  assert.is(formatError(error), expected)
})

test('problems of the configuration have a line each', () => {
  const error = new ConfigError(['a: is bad', 'b: is worse'])
  assert.is(formatError(error), lines('holdfast: a: is bad', '          b: is worse'))
})

test('nothing in it acts on a terminal or passes for another message', () => {
  const error = new UsageError('a\u001b[31m\r\nholdfast: persistent')
  const expected = lines('holdfast: a\\x1b[31m\\x0d', '          holdfast: persistent')
  assert.is(formatError(error), expected)
})

test('anything else is a bug, and the text says where', () => {
  const said = formatError(new TypeError('x is not a function')).split('\n')
  assert.equal(said.slice(0, 2), [
    'holdfast: this is a bug in holdfast',
    '          TypeError: x is not a function',
  ])
  assert.match(said[2] ?? '', /^ {10}at .*format-error\.test\.ts/)
})

test('a bug may be anything that can be thrown', () => {
  const expected = lines('holdfast: this is a bug in holdfast', '          undefined')
  assert.is(formatError(undefined), expected)
})

test.run()
