import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'

const BASE = 'root=live:LABEL=L rd.live.overlay=/dev/sdb:/x'

const switches: readonly (readonly ['reset' | 'readOnly' | 'overlayFs', readonly string[]])[] = [
  ['reset', ['rd.live.overlay.reset', 'rd.overlay.reset', 'reset_overlay']],
  ['readOnly', ['rd.live.overlay.readonly', 'rd.overlay.readonly', 'readonly_overlay']],
  ['overlayFs', ['rd.live.overlay.overlayfs', 'rd.overlay.overlayfs']],
]

for (const [key, names] of switches) {
  test(`${key} is off when absent, and goes by the value of any of its names`, () => {
    const isOn = (more: string) => Boolean(parseConfig(`${BASE} ${more}`).overlay[key])
    assert.is(isOn(''), false)
    for (const name of names) {
      assert.is(isOn(name), true, name)
      assert.is(isOn(`${name}=1`), true, name)
      assert.is(isOn(`${name}=0`), false, name)
      assert.is(isOn(`${name}=1 ${name}=off`), false, name)
    }
    assert.is(isOn(`${names[1]}=1 ${names[0]}=0`), false)
  })
}

test('a reset is asked for once by each value, and at every boot by always', () => {
  const reset = (word: string) => parseConfig(`${BASE} ${word}`).overlay.reset
  const name = 'rd.live.overlay.reset'
  assert.equal(reset(name), { asked: name, always: false })
  assert.equal(reset(`${name}=2`), { asked: `${name}=2`, always: false })
  assert.equal(reset(`${name}=always`), { asked: `${name}=always`, always: true })
  // What the record has no room for would be done again at every boot.
  const long = parseConfig(`${BASE} ${name}=${'x'.repeat(300)}`)
  assert.is(long.overlay.reset, undefined)
  assert.is(long.problems[0]?.text, 'too long: the store is not reset')
})

test('the names without el6 ones are known, and nothing is said about them', () => {
  const words = ['reset=0', 'readonly=0', 'overlayfs=0', 'size=8', 'thin=0', 'nouserconfirmprompt']
  for (const prefix of ['rd.live.overlay', 'rd.overlay']) {
    for (const word of [...words, 'nouserconfirmprompt=0', 'nouserconfirmprompt=1']) {
      const { notes, problems } = parseConfig(`${BASE} ${prefix}.${word}`)
      assert.equal([...notes, ...problems], [], `${prefix}.${word}`)
    }
  }
})

test('el6 names are said to be deprecated', () => {
  const { notes } = parseConfig(`${BASE} reset_overlay=0 readonly_overlay`)
  assert.equal(notes, [
    { kind: 'remark', argument: 'reset_overlay=0', text: 'deprecated, now rd.live.overlay.reset' },
    {
      kind: 'remark',
      argument: 'readonly_overlay',
      text: 'deprecated, now rd.live.overlay.readonly',
    },
  ])
})

test('reset and readonly together: nothing is lost', () => {
  const { overlay, problems } = parseConfig(`${BASE} rd.overlay.reset rd.live.overlay.readonly`)
  assert.is(overlay.readOnly, true)
  assert.is(overlay.reset, undefined)
  assert.equal(problems, [
    { argument: 'rd.overlay.reset', text: 'a store that is only to be read is not reset' },
  ])
})

const sizes: readonly (readonly [string, number])[] = [
  ['1', 2 ** 20],
  ['32768', 32 * 2 ** 30],
  ['512k', 2 ** 19],
  ['512M', 2 ** 29],
  ['2G', 2 ** 31],
  ['1T', 2 ** 40],
]

for (const [text, bytes] of sizes) {
  test(`a size of ${text} is ${bytes} bytes`, () => {
    const { overlay, problems } = parseConfig(`rd.live.overlay.size=${text}`)
    assert.is(overlay.temporaryBytes, bytes)
    assert.equal(problems, [])
  })
}

for (const text of [
  '=0',
  '',
  '=',
  '=50%',
  '=-1',
  '=1.5G',
  '=1e3',
  '=99999999999999',
  '=2GB',
  '=x',
]) {
  test(`rd.live.overlay.size${text} is no size, and the default is used`, () => {
    const { overlay, problems } = parseConfig(`rd.live.overlay.size${text}`)
    assert.is(overlay.temporaryBytes, undefined)
    assert.equal(
      problems.map((problem) => problem.argument),
      [`rd.live.overlay.size${text}`],
    )
  })
}

test('thin and cowfs have no effect, and that is said', () => {
  const { notes, problems } = parseConfig(`${BASE} rd.live.overlay.thin rd.live.overlay.cowfs=xfs`)
  assert.equal(
    notes.map((note) => [note.kind, note.argument]),
    [
      ['ignored', 'rd.live.overlay.thin'],
      ['ignored', 'rd.live.overlay.cowfs=xfs'],
    ],
  )
  assert.equal(problems, [])
})

test.run()
