import * as assert from 'uvu/assert'
import { commands } from '../../src/commands/all.ts'
import { behaviour, callBoth } from './executables.ts'

const test = behaviour('command line')

test('--version is one line on stdout', () => {
  const { status, stdout, stderr } = callBoth({ argv: ['--version'] })
  assert.match(stdout, /^holdfast \d+\.\d+\.\d+\n$/)
  assert.is(stderr, '')
  assert.is(status, 0)
})

test('--help names the program and stays within 80 columns when there is no terminal', () => {
  const { status, stdout } = callBoth({ argv: ['--help'] })
  assert.match(stdout, /^Usage: holdfast <command> \[options\]\n/)
  assert.ok(stdout.split('\n').every((line) => line.length <= 80))
  assert.is(status, 0)
})

test('the help does not depend on the locale', () => {
  const german = callBoth({ argv: ['--help'], env: { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' } })
  assert.is(german.stdout, callBoth({ argv: ['--help'] }).stdout)
})

test('an unknown command is a usage error, with nothing on stdout', () => {
  const { status, stdout, stderr } = callBoth({ argv: ['holdfats'] })
  assert.is(status, 2)
  assert.is(stdout, '')
  assert.is(stderr, `holdfast: There is no command 'holdfats'\n          See holdfast --help\n`)
})

test('an unknown option is a usage error', () => {
  const { status, stdout, stderr } = callBoth({ argv: ['--colour'] })
  assert.is(status, 2)
  assert.is(stdout, '')
  assert.match(stderr, /^holdfast: Unknown argument: colour\n {10}See holdfast( boot)? --help\n$/)
})

for (const { name, summary, positionals = [], options = {}, examples } of commands) {
  test(`${name} --help says one sentence, the arguments and two examples`, () => {
    const { status, stdout, stderr } = callBoth({ argv: [name, '--help'] })
    const said = stdout.replace(/\s+/g, ' ')
    assert.match(said, ` ${summary} `)
    assert.not.match(summary, /\.( |$)/)
    for (const { name, summary, repeated } of positionals) {
      assert.match(said, `${name} ${summary} [${repeated ? 'array' : 'string'}] `)
    }
    for (const [key, option] of Object.entries(options)) {
      assert.match(said, `--${key} ${option.summary} `)
    }
    assert.is(examples.length, 2)
    assert.is(stdout.slice(stdout.indexOf('Examples:')).match(/^ {2}holdfast /gm)?.length, 2)
    assert.ok(stdout.split('\n').every((line) => line.length <= 80))
    assert.equal([status, stderr], [0, ''])
  })
}

test('the help of the program names each command with its sentence', () => {
  const said = callBoth({ argv: ['--help'] }).stdout.replace(/\s+/g, ' ')
  for (const { name, summary } of commands) {
    assert.match(said, new RegExp(` holdfast ${name}( <(store|path\\.\\.)>)? `))
    assert.match(said, ` ${summary} `)
  }
})

test.run()
