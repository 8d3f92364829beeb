import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findArgument, isAnyOn, parseKernelCmdline } from '../../../src/cmdline/kernel-cmdline.ts'

function pairs(text: string): (readonly [string, string | undefined])[] {
  return parseKernelCmdline(text).map(({ name, value }) => [name, value] as const)
}

test('words and values come in their order', () => {
  assert.equal(pairs('root=live:CDLABEL=LIVE ro  quiet\tempty=\n'), [
    ['root', 'live:CDLABEL=LIVE'],
    ['ro', undefined],
    ['quiet', undefined],
    ['empty', ''],
  ])
})

test('an empty command line has no arguments', () => {
  assert.equal(pairs(''), [])
  assert.equal(pairs(' \n\t '), [])
})

test('quotes group a value, or the whole argument, and are dropped', () => {
  assert.equal(pairs('q="v w" x'), [
    ['q', 'v w'],
    ['x', undefined],
  ])
  assert.equal(pairs('"q=v w" x'), [
    ['q', 'v w'],
    ['x', undefined],
  ])
  assert.equal(pairs('"a b" c'), [
    ['a b', undefined],
    ['c', undefined],
  ])
  assert.equal(pairs('q=""'), [['q', '']])
})

test('quotes inside a value group, and stay', () => {
  assert.equal(pairs('a=LABEL="My Disk":/x b'), [
    ['a', 'LABEL="My Disk":/x'],
    ['b', undefined],
  ])
})

test('an equals sign that stands first belongs to the name', () => {
  assert.equal(pairs('=x =x=y'), [
    ['=x', undefined],
    ['=x', 'y'],
  ])
})

test('a quote that is not closed reaches to the end of its line, and is marked', () => {
  const found = parseKernelCmdline('a "b=c d\ne="f')
  assert.equal(
    found.map(({ name, value, closed }) => [name, value, closed]),
    [
      ['a', undefined, true],
      ['b', 'c d', false],
      ['e', 'f', false],
    ],
  )
})

test('an argument remembers how it was typed', () => {
  assert.is(parseKernelCmdline('x "q=v w"')[1]?.typed, '"q=v w"')
})

test('a space that is not ASCII does not end a word', () => {
  assert.equal(pairs('a=b\u00a0c\u3000d'), [['a', 'b\u00a0c\u3000d']])
})

test('the last occurrence of a name decides, a later line over an earlier one', () => {
  assert.is(findArgument(parseKernelCmdline('a=1 a=2\na=3'), 'a')?.value, '3')
})

test('the first of several names decides, wherever on the line it stands', () => {
  assert.is(findArgument(parseKernelCmdline('new=1 old=2'), 'new', 'old')?.value, '1')
  assert.is(findArgument(parseKernelCmdline('old=2'), 'new', 'old')?.value, '2')
  assert.is(findArgument(parseKernelCmdline('newer=2'), 'new', 'old'), undefined)
})

test('a switch is on when bare or with any value but 0, no and off', () => {
  for (const text of ['x', 'x=', 'x=1', 'x=yes', 'x=false', 'x=NO', 'x=00']) {
    assert.ok(isAnyOn(parseKernelCmdline(text), 'x'), text)
  }
  for (const text of ['', 'x=0', 'x=no', 'x=off', 'x="off"', 'x x=0', 'y']) {
    assert.not.ok(isAnyOn(parseKernelCmdline(text), 'x'), text)
  }
})

test.run()
