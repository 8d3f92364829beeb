import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'

function problems(text: string): string[] {
  return parseConfig(text).problems.map((problem) => `${problem.argument}: ${problem.text}`)
}

test('the last of ro and rw decides, and a value makes it another word', () => {
  assert.is(parseConfig('quiet').rootMode, undefined)
  assert.is(parseConfig('ro').rootMode, 'ro')
  assert.is(parseConfig('ro quiet rw').rootMode, 'rw')
  assert.is(parseConfig('rw ro=1').rootMode, 'rw')
})

test('the last rootflags= decides, split at commas outside quotes', () => {
  assert.equal(parseConfig('rootflags=a rootflags=ro,,subvol=x,').rootFlags, ['ro', 'subvol=x'])
  assert.equal(parseConfig('rootflags=context="a,b",ro').rootFlags, ['context="a,b"', 'ro'])
  assert.equal(parseConfig('rootflags').rootFlags, [])
  assert.equal(parseConfig('').rootFlags, [])
})

test('a mount option with a control character is left out, and that is a problem', () => {
  assert.equal(parseConfig('rootflags=a,b\u001b').rootFlags, ['a'])
  assert.match(problems('rootflags=a,b\u001b')[0] ?? '', 'rootflags=a,b\\x1b: mount options')
})

test('rd.holdfast.onfail takes its five words', () => {
  assert.is(parseConfig('').onFail, 'temporary')
  for (const word of ['temporary', 'readonly', 'shell', 'reboot', 'poweroff']) {
    assert.is(parseConfig(`rd.holdfast.onfail=${word}`).onFail, word)
    assert.equal(problems(`rd.holdfast.onfail=${word}`), [])
  }
})

test('rd.holdfast.state takes its two words', () => {
  assert.is(parseConfig('').state, 'degraded')
  assert.is(parseConfig('rd.holdfast.state=required').state, 'required')
  assert.is(parseConfig('rd.holdfast.state=x').state, 'degraded')
  assert.equal(problems('rd.holdfast.state=x'), [
    'rd.holdfast.state=x: must be one of degraded, required; degraded is used',
  ])
})

test('readonlyroot and noreadonlyroot are whole words, and the latter wins', () => {
  const asked = (text: string) => parseConfig(text).readOnlyRoot
  assert.equal(['', 'readonlyroot=no', 'x.readonlyroot', 'readonlyroots'].map(asked), [
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  assert.equal(['readonlyroot', 'readonlyroot=yes', 'readonlyroot=1'].map(asked), [
    true,
    true,
    true,
  ])
  assert.equal(
    ['noreadonlyroot', 'noreadonlyroot readonlyroot', 'readonlyroot noreadonlyroot'].map(asked),
    [false, false, false],
  )
})

test('an unknown policy is a problem, and the default is used', () => {
  for (const text of ['rd.holdfast.onfail=panic', 'rd.holdfast.onfail', 'rd.holdfast.onfail=']) {
    assert.is(parseConfig(text).onFail, 'temporary')
    assert.equal(problems(text), [
      `${text}: must be one of temporary, readonly, shell, reboot, poweroff; temporary is used`,
    ])
  }
})

test('rd.holdfast.timeout is whole seconds up to an hour', () => {
  assert.is(parseConfig('').timeoutSeconds, 30)
  assert.is(parseConfig('rd.holdfast.timeout=0').timeoutSeconds, 0)
  assert.is(parseConfig('rd.holdfast.timeout=3600').timeoutSeconds, 3600)
  for (const value of ['=3601', '=-1', '=1.5', '=90s', '=', '', '=0x10', `=${'9'.repeat(400)}`]) {
    const text = `rd.holdfast.timeout${value}`
    assert.is(parseConfig(text).timeoutSeconds, 30, text)
    assert.equal(problems(text), [`${text}: must be whole seconds from 0 to 3600; 30 is used`])
  }
})

test('an unknown name of ours is a problem, with the name that was perhaps meant', () => {
  assert.equal(problems('rd.live.overlay.rest=1 rd.holdfast.zzz quiet rd.break'), [
    'rd.live.overlay.rest=1: is not known (perhaps rd.live.overlay.reset), ignored',
    'rd.holdfast.zzz: is not known, ignored',
  ])
})

test('a quote that is not closed is a problem, whoever owns the argument', () => {
  assert.equal(problems('a="b rd.live.overlay=/dev/sdb:/x'), [
    'a="b rd.live.overlay=/dev/sdb:/x: its quote is not closed and takes in all that follows',
  ])
})

test('a later line is stronger than an earlier one', () => {
  const config = parseConfig(
    'rd.holdfast.timeout=1 rd.holdfast.onfail=shell\nrd.holdfast.timeout=2',
  )
  assert.is(config.timeoutSeconds, 2)
  assert.is(config.onFail, 'shell')
})

test('all problems are found, not the first alone', () => {
  const text =
    'root=live:x rd.live.overlay=sdb rd.live.overlay.size=a rd.holdfast.onfail=b rd.holdfast.timeout=c'
  assert.equal(
    parseConfig(text).problems.map((problem) => problem.argument),
    text.split(' '),
  )
})

test('nothing that is typed reaches a terminal unescaped', () => {
  const { problems, notes, overlay } = parseConfig(
    'rd.live.overlay=\u001b[31msdb:\u202e overlay=\u009b rd.holdfast.\u0007',
  )
  const texts = [...problems, ...notes].flatMap(({ argument, text }) => [argument, text])
  const why = overlay.store.kind === 'unusable' ? overlay.store.why : ''
  assert.match(why, '\\x1b[31msdb')
  assert.not.match([...texts, why, overlay.asked].join(''), /[\p{Cc}\p{Cf}]/u)
})

test.run()
