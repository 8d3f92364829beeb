import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NAMES } from '../../src/cmdline/names.ts'
import { commands } from '../../src/commands/all.ts'
import type { Command } from '../../src/commands/command.ts'

const documents = suite('documents')

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
/** Roff, as it reads: no macro names, no fonts, no escapes. */
const plain = (path: string) =>
  read(path)
    .replace(/\\f[A-Z]|\\&/g, '')
    .replace(/\\-/g, '-')
    .replace(/^\.[A-Z]+ /gm, '')

const { version } = JSON.parse(read('package.json')) as { version: string }
const manual = plain('man/holdfast.8')
const cmdlineManual = plain('man/holdfast.cmdline.7')
const architecture = read('ARCHITECTURE.md')
/** Whether a name stands in a text as a word of its own: rd.overlay is not in rd.overlay.size. */
const has = (text: string, name: string) =>
  new RegExp(`(?<![\\w.-])${name.replace(/[.]/g, '\\.')}(?![\\w-]|\\.[a-z])`).test(text)
const optionsOf = ({ options = {} }: Command) => Object.keys(options).map((name) => `--${name}`)
const namesOfArguments = Object.values(NAMES).flat()

for (const command of commands) {
  documents(`holdfast(8) tells of ${command.name} in a section, and of its options`, () => {
    assert.match(manual, new RegExp(`^(\\.SS )?${command.name}( |$)`, 'm'))
    assert.match(read('man/holdfast.8'), new RegExp(`^\\.SS ${command.name}( |$)`, 'm'))
    for (const option of optionsOf(command)) assert.ok(has(manual, option), option)
  })

  documents(`both completions offer ${command.name} and its options`, () => {
    for (const path of ['completion/holdfast.bash', 'completion/_holdfast']) {
      assert.equal(offered(path, command.name), [...optionsOf(command), '--help'].sort(), path)
    }
  })
}

/** The options that a completion offers after a command: the line of its case, variables of zsh by their names. */
function offered(path: string, command: string): string[] {
  const label = new RegExp(`^ *(?:\\w+ \\| )*${command}(?: \\| \\w+)*\\) (.*)$`, 'm')
  const [, line = ''] = label.exec(read(path)) ?? []
  const words = line.match(/(?<![\w-])--[\w-]+|\$[a-z_]+/g) ?? []
  return words.map((word) => word.replace('$', '--').replace('dry_run', 'dry-run')).sort()
}

documents('the commands that both completions offer first are all that there are', () => {
  const names = commands.map(({ name }) => name)
  const [, inBash = ''] = /words='((?:\w+ )+)--help --version'/.exec(
    read('completion/holdfast.bash'),
  ) ?? [undefined, '']
  assert.equal(inBash.trim().split(' '), names)
  const inZsh = [...read('completion/_holdfast').matchAll(/^ +'(\w+):/gm)].map(([, name]) => name)
  assert.equal(inZsh, names)
})

for (const name of namesOfArguments) {
  documents(`holdfast.cmdline(7) tells of ${name}`, () => {
    assert.ok(has(cmdlineManual, name))
  })
}

for (const path of ['man/holdfast.8', 'man/holdfast.cmdline.7']) {
  documents(`${path} is that of this version`, () => {
    assert.match(read(path), new RegExp(`^\\.TH .* "holdfast ${version}" `, 'm'))
  })
}

documents('every argument that the README names is one that holdfast knows', () => {
  const mentioned = read('README.md').match(/(?<![\w.])rd\.(live|overlay|holdfast)[\w.]*\w/g) ?? []
  const known: readonly string[] = namesOfArguments
  const unknown = mentioned.filter((name) => !known.includes(name) && name !== 'rd.holdfast.onfial')
  assert.equal(unknown, [])
})

documents('what the README says one sees when things go wrong stands in the source', () => {
  const [, table = ''] = /## When things go wrong\n([\s\S]*?)\n## /.exec(read('README.md')) ?? []
  const source = readdirSync(new URL('../../src', import.meta.url), { recursive: true })
    .filter((path) => String(path).endsWith('.ts'))
    .map((path) => read(`src/${path}`))
    .join('\n')
  const seen = table.split('\n').flatMap((row) => row.split('|')[2]?.match(/`[^`]+`/g) ?? [])
  const words = seen.flatMap(fixedWords)
  assert.ok(words.length > 12)
  assert.equal(
    words.filter((text) => !source.includes(text)),
    [],
  )
})

/** A message without what is put into it: names in quotes, paths, numbers, arguments, and the verbs of steps. */
function fixedWords(message: string): string[] {
  const parts = message.split(
    /'[^']*'|(?<=[ `])\/[\w/.-]+|\w*\d\w*|\.{3}|[`:;(),]|rd\.[\w.=]+|Failed to \w+/,
  )
  return parts.map((part) => part.trim()).filter((part) => part.length > 5)
}

documents('ARCHITECTURE.md has at most 150 lines', () => {
  assert.ok(architecture.split('\n').length - 1 <= 150)
})

documents('every path that ARCHITECTURE.md names exists', () => {
  const paths = architecture.match(
    /(?<![\w/])(src|dracut-module|build|test|man|completion)\/[\w./-]*\w\/?/g,
  )
  const named = (paths ?? []).filter((path) => !path.endsWith('/NAME.ts'))
  assert.ok(named.length > 30)
  assert.equal(
    named.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url))),
    [],
  )
})

documents('every name that ARCHITECTURE.md puts into a file is in that file', () => {
  const pairs = [...architecture.matchAll(/`(\w+)`(?: in|,) `(src\/[\w/-]+\.ts)`/g)]
  assert.ok(pairs.length >= 5)
  for (const [, name = '', path = ''] of pairs)
    assert.match(read(path), new RegExp(`\\b${name}\\b`))
})

documents('every step of the boot in ARCHITECTURE.md says what happens when it fails', () => {
  const [, boot = ''] = /## The boot, step by step\n([\s\S]*?)\n## /.exec(architecture) ?? []
  const steps = boot.split(/^\d+\. /m).slice(1)
  assert.ok(steps.length > 10)
  for (const step of steps) assert.match(step, /^ +Fail: /m)
})

documents.run()
