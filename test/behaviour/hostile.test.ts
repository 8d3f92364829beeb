import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { seededRandom } from '../unit/formats/seeded-random.ts'
import { factsFile } from './desk.ts'
import { behaviour, callBoth } from './executables.ts'

const test = behaviour('hostile arguments')

const facts = factsFile('live-root')
let folder = ''
test.before(() => {
  folder = mkdtempSync(`${tmpdir()}/behaviour-`)
})
test.after(() => rmSync(folder, { recursive: true }))

/** What a command says to those bytes as its --cmdline. */
function callWith(cmdline: Uint8Array, ...argv: string[]) {
  writeFileSync(`${folder}/cmdline`, cmdline)
  return callBoth({ argv, cwd: folder, shell: '--cmdline "$(cat cmdline)"', env: PATH })
}
const PATH = { PATH: '/usr/bin:/bin' }

for (let seed = 1; seed <= 4; seed++) {
  test(`4 KiB of random bytes are a command line like another (seed ${seed})`, () => {
    const random = seededRandom(seed)
    // A shell drops zeros.
    const bytes = Uint8Array.from({ length: 4096 }, () => 1 + random(255))
    // 2: a quote that is not closed is a problem.
    assert.ok([0, 2].includes(callWith(bytes, 'explain').status ?? -1))
    assert.ok([0, 2].includes(callWith(bytes, 'explain', '--json').status ?? -1))
    assert.is(callWith(bytes, 'boot', '--dry-run', '--facts', facts).status, 0)
  })
}

test('random bytes, quotes aside, as the value of every argument we know', () => {
  const random = seededRandom(5)
  const text = new TextEncoder()
  const parts = 'root=live: rd.live.overlay= rd.live.overlay=/dev/sdb:/ rd.live.dir= rootflags= '
  const more = 'rd.holdfast.onfail= rd.holdfast.timeout= rd.live.overlay.size= iso-scan/filename= '
  const bytes = `${parts}${more}rd.live.squashimg=`
    .split(' ')
    .flatMap((name) => [
      ...text.encode(name),
      ...Array.from({ length: 100 }, () => 35 + random(221)),
      0x20,
    ])
  const line = Uint8Array.from(bytes)
  assert.is(callWith(line, 'explain').status, 2)
  assert.is(callWith(line, 'boot', '--dry-run', '--facts', facts).status, 4)
  assert.is(callWith(line, 'live', '--dry-run', '--facts', facts).status, 0)
})

test('what acts on a terminal is spelled out, wherever it is typed', () => {
  const active = '\u001b[31m\u0007\u009b1m'
  const shown = '\\x1b[31m\\x07\\x9b1m'
  for (const argv of [
    [active],
    ['boot', '--dry-run', '--facts', active],
    ['create', active],
    ['create', '/dev/x:/y', '--size', active],
    ['create', `/dev/${active}:/y`],
    ['status', active],
  ]) {
    const { status, stderr } = callBoth({ argv })
    assert.match(stderr, shown)
    assert.ok(status === 2 || status === 3)
  }
})

test('each line of an argument stands below the first, and none can pass for a message', () => {
  const { stderr } = callBoth({ argv: ['a\nholdfast: persistent: all is well'] })
  const lines = ["holdfast: There is no command 'a", "holdfast: persistent: all is well'"]
  assert.is(stderr, `${[...lines, 'See holdfast --help'].join('\n          ')}\n`)
})

test('arguments that are no arguments', () => {
  for (const argv of [[''], ['-'], ['--='], ['---'], ['-x'], ['boot', 'boot'], ['--__proto__=1']]) {
    const { status, stdout } = callBoth({ argv: [...argv] })
    assert.equal([status, stdout], [2, ''], argv.join(' '))
  }
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.is(callBoth({ argv: [name] }).status, 2)
    assert.is(
      callBoth({ argv: ['explain', '--cmdline', `${name}=1 rd.${name} ${name}`] }).status,
      0,
    )
  }
})

test.run()
