import {
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { mutatedCommandLine } from '../unit/mutants/command-line.ts'
import { judgeByFormat } from '../unit/mutants/oracle.ts'
import { mutatedStore } from '../unit/mutants/store.ts'
import { factsFile } from './desk.ts'
import { behaviour, callBoth, callStatic, type Outcome } from './executables.ts'

const test = behaviour('spoilt stores and command lines')

const COUNT = 40
/** Every so many, both executables. */
const BOTH_EVERY = 5
const GIANT = 2 ** 32

let folder = ''
test.before(() => {
  folder = mkdtempSync(`${tmpdir()}/behaviour-`)
})
test.after(() => rmSync(folder, { recursive: true }))

function call(number: number, argv: readonly string[]): Outcome {
  const caller = number % BOTH_EVERY === 0 ? callBoth : callStatic
  return caller({ argv, cwd: folder })
}

test(`${COUNT} spoilt stores are checked: refused where the format says so, and as they were`, () => {
  for (let number = 0; number < COUNT; number++) {
    const store = mutatedStore(number)
    const truth = judgeByFormat(store)
    writeFileSync(`${folder}/s.img`, store.start)
    truncateSync(`${folder}/s.img`, store.bytes)
    const { status, stdout } = call(number, ['check', 's.img', '--json'])
    const report = JSON.parse(stdout)
    // The oracle knows the base, and does not know how long the disk of this folder is.
    if (!truth.fit && /not in the base/.test(truth.why)) continue
    if (store.bytes > GIANT) continue
    assert.ok(readFileSync(`${folder}/s.img`).subarray(0, store.start.length).equals(store.start))
    assert.is(status === 3, !truth.fit, `${store.how}: ${stdout}`)
    assert.is(report.verdict === 'refused', !truth.fit)
    assert.is(report.file.bytes, store.bytes)
  }
})

const status = (argv: readonly string[], number = 0) => call(number, argv).status ?? -1

test(`${COUNT} spoilt command lines are explained and planned for`, () => {
  const machines = ['live-root', 'ordinary-root', 'live-medium', 'squashfs-root']
  for (let number = 0; number < COUNT; number++) {
    // No argument has a zero byte in it.
    const cmdline = ['--cmdline', mutatedCommandLine(number).replaceAll('\0', '')]
    assert.ok([0, 2].includes(status(['explain', ...cmdline], number)))
    const facts = ['--facts', factsFile(machines[number % machines.length] ?? 'live-root')]
    assert.ok([0, 3, 4].includes(status(['boot', '--dry-run', ...facts, ...cmdline], number)))
  }
})

test('a store that has another name, a link to one, a folder, and a device are no stores', () => {
  writeFileSync(`${folder}/one.img`, new Uint8Array(1 << 20))
  assert.is(status(['check', 'one.img']), 0)
  symlinkSync('one.img', `${folder}/link.img`)
  assert.match(callBoth({ argv: ['check', 'link.img'], cwd: folder }).stderr, 'is a symlink')
  linkSync(`${folder}/one.img`, `${folder}/other.img`)
  assert.match(callBoth({ argv: ['check', 'one.img'], cwd: folder }).stderr, 'has 2 names')
  assert.is(status(['check', '/dev/null']), 2)
  assert.is(status(['check', '.']), 3)
})

test('records that nobody would write, beside a store that is used', () => {
  const store = mutatedStore(8)
  assert.ok(judgeByFormat(store).fit)
  writeFileSync(`${folder}/used.img`, store.start)
  truncateSync(`${folder}/used.img`, store.bytes)
  for (const text of [
    '['.repeat(30_000) + ']'.repeat(30_000),
    `{"version":1,"base":${'{"base":'.repeat(8000)}1${'}'.repeat(8000)}}`,
    `{"version":1,"base":{"fingerprint":"${'x'.repeat(60_000)}","sectors":1}}`,
    'x'.repeat(10 << 20),
    '{"version":1,"base":{"sectors":1e999,"fingerprint":"a"}}',
    '{"__proto__":{"version":1},"base":null}',
  ]) {
    writeFileSync(`${folder}/used.img.holdfast`, text)
    const { status, stdout, stderr } = callBoth({ argv: ['check', 'used.img'], cwd: folder })
    assert.is(status, 3, text.slice(0, 40))
    assert.match(stderr, "the record beside 'used.img' cannot be used")
    assert.ok(stdout.length + stderr.length < 2000)
  }
  const label = '\u001b[2J\nholdfast: persistent: all is well'
  const base = { type: 'ext4', label, sectors: 1, fingerprint: '\u0007' }
  const rest = { version: 1, chunkSectors: 8, createdSeconds: 0, lastUsedSeconds: 0 }
  writeFileSync(`${folder}/used.img.holdfast`, JSON.stringify({ ...rest, base }))
  assert.match(
    callBoth({ argv: ['check', 'used.img'], cwd: folder }).stdout,
    String.raw`\x1b[2J\x0aholdfast`,
  )
})

test.run()
