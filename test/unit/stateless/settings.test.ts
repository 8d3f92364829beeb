import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseMountArguments } from '../../../src/stateless/mount-arguments.ts'
import { parseAssignments } from '../../../src/stateless/parse-assignments.ts'
import { formatRemark } from '../../../src/stateless/remark.ts'
import { parseSettings } from '../../../src/stateless/settings.ts'

const test = suite('stateless settings')

const values = (text: string) => Object.fromEntries(parseAssignments(text).values)

test('assignments are read as a shell reads them: quotes, backslashes, comments, variables', () => {
  const text = [
    'A=plain',
    "B='single $A #'",
    'C="double $A ${A} \\$A \\"q\\" \\x"',
    'D=a\\ b"c d"\'e\' # comment',
    'export E=x',
    '  F=indented ;',
    'G=',
    'H=$A$B/$missing.',
    'I=a#b',
    '# J=comment',
  ].join('\n')
  assert.equal(values(text), {
    A: 'plain',
    B: 'single $A #',
    C: 'double plain plain $A "q" \\x',
    D: 'a bc de',
    E: 'x',
    F: 'indented',
    G: '',
    H: 'plainsingle $A #/.',
    I: 'a#b',
  })
})

test('the last assignment of a name counts', () => {
  assert.equal(values('A=1\nA=2'), { A: '2' })
})

test('what would run something assigns nothing, and its line is told', () => {
  const lines = [
    'A=$(id)',
    'B=`id`',
    'C="$(id)"',
    'D=${X:-y}',
    'E=1; id',
    'id',
    'F=1 id',
    '. /etc/other',
    'G=1 | id',
    'H=1 && id',
    "I='$(id)'",
    'J=\\$\\(id\\)',
    "K='open",
  ]
  const { values: found, others } = parseAssignments(lines.join('\n'))
  assert.equal(Object.fromEntries(found), { I: '$(id)', J: '$(id)' })
  assert.equal(others, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13])
})

test('arguments of mount(8): options and a type, in every spelling; the rest is handed back', () => {
  const ignored: string[] = []
  const found = parseMountArguments(
    '-o a,b -oc --options=d --options e -t ext4 -n --bind -o',
    (word) => ignored.push(word),
  )
  assert.equal(found, { type: 'ext4', options: ['a', 'b', 'c', 'd', 'e'] })
  assert.equal(ignored, ['-n', '--bind', '-o'])
  assert.equal(parseMountArguments('', assert.unreachable), { type: undefined, options: [] })
})

test('READONLY and TEMPORARY_STATE ask for the paths; the words for yes in any case', () => {
  const wanted = (text: string) => parseSettings(text, undefined).wanted
  for (const word of ['yes', 'YES', 'y', 't', 'T', 'on', 'true', '1', '"yes"']) {
    assert.ok(wanted(`READONLY=${word}`), word)
    assert.ok(wanted(`TEMPORARY_STATE=${word}`), word)
  }
  for (const word of ['no', 'maybe', '', 'yess', '0', 'oyes']) {
    assert.not(wanted(`READONLY=${word}`), word)
  }
})

test('the kernel arguments decide over READONLY, not over TEMPORARY_STATE', () => {
  assert.ok(parseSettings('', true).readOnly)
  assert.not(parseSettings('READONLY=yes', false).wanted)
  const temporary = parseSettings('READONLY=yes\nTEMPORARY_STATE=yes', false)
  assert.equal([temporary.readOnly, temporary.wanted], [false, true])
})

test('without a file the places are the stock ones, and no label is looked for', () => {
  const { scratchName, stateName, scratchLabel, stateLabel, slaves } = parseSettings('', true)
  assert.equal(
    [scratchName, stateName, scratchLabel, stateLabel, slaves],
    ['/var/lib/stateless/writable', '/var/lib/stateless/state', undefined, undefined, false],
  )
})

test('what is wrong in the file is said with its line, and has its default', () => {
  const found = parseSettings('READONLY=yes\nreboot\nRW_MOUNT=var\nSTATE_OPTIONS="-n"\n', undefined)
  assert.is(found.scratchName, '/var/lib/stateless/writable')
  assert.equal(found.remarks.map(formatRemark), [
    '/etc/sysconfig/readonly-root:2: is no plain assignment, ignored: the file is read, not executed',
    '/etc/sysconfig/readonly-root: RW_MOUNT is not an absolute path; /var/lib/stateless/writable is used',
    "/etc/sysconfig/readonly-root: STATE_OPTIONS: '-n' is ignored",
  ])
})

test.run()
