import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { formatOutcome, type Outcome } from '../../../src/overlay/outcome.ts'
import { planUnchanged } from '../../../src/overlay/plan-fallback.ts'
import { planRecord } from '../../../src/overlay/plan-record.ts'
import { lines, scriptOf, stepsOf } from '../script-of.ts'

const test = suite('record')

const CONFIG = parseConfig('rd.live.overlay=/dev/sdb:/x rd.holdfast.timeout=never')
const persistent: Outcome = {
  mode: 'persistent',
  technology: 'dm-snapshot',
  store: '/dev/sdb:/x',
  usedBytes: 3 << 20,
  storeBytes: 300 << 20,
  rootReadOnly: false,
  why: undefined,
  remarks: ['one', 'two'],
}

test('it says what was asked, what came of it and what was not understood', () => {
  const expected = lines(
    'mkdir -p /run/holdfast',
    "printf %s '{",
    '  "version": 1,',
    '  "asked": "rd.live.overlay=/dev/sdb:/x",',
    '  "mode": "persistent",',
    '  "technology": "dm-snapshot",',
    '  "store": "/dev/sdb:/x",',
    '  "usedBytes": 3145728,',
    '  "storeBytes": 314572800,',
    '  "rootReadOnly": false,',
    '  "remarks": [',
    '    "one",',
    '    "two"',
    '  ],',
    '  "problems": [',
    '    "rd.holdfast.timeout=never: must be whole seconds from 0 to 3600; 30 is used"',
    '  ]',
    '}',
    "' > /run/holdfast/boot.json",
    'rm -f /run/motd.d/holdfast',
    "printf %s '' > /run/initramfs/.need_shutdown",
  )
  assert.is(stepsOf(planRecord(CONFIG, persistent)), expected)
})

test('the message of the day says when it is less than was asked, on one line that moves no cursor', () => {
  const why = 'LABEL=\x1b[2J\nroot: is fine\u202e'
  const steps = planRecord(CONFIG, { ...persistent, mode: 'temporary', technology: 'none', why })
  const motd = steps.find(
    (step) => step.kind === 'write-file' && step.path === '/run/motd.d/holdfast',
  )
  assert.equal(motd, {
    kind: 'write-file',
    path: '/run/motd.d/holdfast',
    text: lines(
      String.raw`holdfast: TEMPORARY: changes are lost at shutdown: LABEL=\x1b[2J\x0aroot: is fine\u202e`,
      '          holdfast status says more.',
    ),
  })
})

test('a root that was left alone asks for no shutdown stage', () => {
  const steps = planRecord(CONFIG, { ...persistent, technology: 'none' })
  assert.not.match(stepsOf(steps), '.need_shutdown')
})

test('an untouched root leaves no record', () => {
  assert.is(
    scriptOf(planUnchanged(CONFIG, 'untouched', undefined).plan),
    '# the root is left as it is\n',
  )
})

test('a read-only root leaves one, and is not touched', () => {
  const { plan, outcome } = planUnchanged(CONFIG, 'readonly', { why: 'no device', hint: undefined })
  const kinds = plan.steps.map((step) => step.kind)
  assert.equal(kinds, ['make-directory', 'write-file', 'make-directory', 'write-file'])
  assert.is(plan.reasons[0], 'READ-ONLY: nothing can be written to the root: no device')
  assert.is(outcome.why, 'no device')
})

test('each outcome is one line', () => {
  const line = (different: Partial<Outcome>) => formatOutcome({ ...persistent, ...different })
  assert.is(line({}), 'persistent: /dev/sdb:/x, 3 MiB of 300 MiB used')
  assert.is(
    line({ rootReadOnly: true, usedBytes: undefined }),
    'persistent: /dev/sdb:/x; the root is mounted read-only',
  )
  assert.is(line({ mode: 'temporary' }), 'TEMPORARY: changes are lost at shutdown')
  assert.is(
    line({ mode: 'temporary', why: 'x', rootReadOnly: true }),
    'TEMPORARY: changes are lost at shutdown: x; the root is mounted read-only',
  )
  assert.is(line({ mode: 'untouched', why: 'x' }), 'the root is left as it is: x')
})

test.run()
