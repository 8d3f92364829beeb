import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { seededRandom } from '../unit/formats/seeded-random.ts'
import { behaviour, callBoth } from './executables.ts'

const test = behaviour('a file for --facts')

const factsFolder = fileURLToPath(new URL('facts', import.meta.url))
const liveRoot = readFileSync(`${factsFolder}/live-root.json`, 'utf8')
let folder = ''
test.before(() => {
  folder = mkdtempSync(`${tmpdir()}/behaviour-`)
})
test.after(() => rmSync(folder, { recursive: true }))

/** The outcome of a dry run with a file of that text. */
function dryRunWith(text: string | Uint8Array, command = 'boot') {
  writeFileSync(`${folder}/facts.json`, text)
  return callBoth({ argv: [command, '--dry-run', '--facts', 'facts.json'], cwd: folder })
}

function isRefusedFor(text: string, why: string): void {
  const { status, stdout, stderr } = dryRunWith(text)
  assert.is(stdout, '')
  assert.is(stderr, `holdfast: 'facts.json' is not what \`holdfast probe --json\` prints: ${why}\n`)
  assert.is(status, 2)
}

/** facts/live-root.json after `change`. */
function changed(change: (facts: { mounts: never[]; devices: never[] }) => void): string {
  const facts = JSON.parse(liveRoot)
  change(facts)
  return JSON.stringify(facts)
}

test('goes with --dry-run only', () => {
  const { status, stderr } = callBoth({ argv: ['boot', '--facts', 'facts.json'] })
  assert.is(stderr, 'holdfast: --facts describes another machine: it goes with --dry-run\n')
  assert.is(status, 2)
})

for (const [what, path, errno] of [
  ['is not there', '/nosuch/facts.json', 'ENOENT'],
  ['is a folder', '/', 'EISDIR'],
  ['has an empty name', '', 'ENOENT'],
  ['has a name that no file can have', `/${'x'.repeat(300)}`, 'ENAMETOOLONG'],
] as const) {
  test(`one that ${what} is a usage error with the kernel's word`, () => {
    const { status, stdout, stderr } = callBoth({ argv: ['live', '--dry-run', '--facts', path] })
    assert.is(stdout, '')
    assert.is(stderr, `holdfast: Failed to read '${path}': ${errno}\n`)
    assert.is(status, 2)
  })
}

test('what is not JSON is refused in the same words by both engines', () => {
  const texts = ['', '{', '{"devices": [],}', "{'a': 1}", 'NaN', '// facts\n{}', '\u{feff}{}', '\0']
  for (const text of texts) isRefusedFor(text, 'it is not JSON')
})

test('JSON of another shape is refused, and the place is named', () => {
  for (const text of ['null', '7', '"facts"']) isRefusedFor(text, 'facts is not what it should be')
  for (const text of ['{}', '[]', '[[]]'])
    isRefusedFor(text, 'facts.cmdline is not what it should be')
  const noDevice = changed((facts) => Object.assign(facts, { devices: [null] }))
  isRefusedFor(noDevice, 'facts.devices[0] is not what it should be')
  const noType = changed((facts) => Object.assign(facts.devices[0]!, { content: { label: 'x' } }))
  isRefusedFor(noType, 'facts.devices[0].content.type is not what it should be')
})

test('two mounts of one id are refused: the way from mount to mount would not end', () => {
  const text = changed(({ mounts }) => mounts.push(mounts[0]!, mounts[0]!))
  isRefusedFor(text, 'two mounts have the mountId 1')
})

test('a device of the facts is not read on this machine', () => {
  const image = new Uint8Array(4096)
  image.set([0x68, 0x73, 0x71, 0x73], 0)
  image.set([4, 0], 28)
  writeFileSync(`${folder}/image`, image)
  const node = `${folder}/image`
  const text = changed(({ devices, mounts }) => {
    mounts.length = 2
    Object.assign(devices, { length: 1 })
    Object.assign(devices[0]!, { content: null, node })
  })
  writeFileSync(`${folder}/facts.json`, text)
  const cmdline = 'root=live:LABEL=LIVE iso-scan/filename=/one.iso'
  const argv = ['live', '--dry-run', '--facts', 'facts.json', '--cmdline', cmdline]
  assert.is(callBoth({ argv, cwd: folder }).status, 5)
})

test('names that act on a terminal are spelled out', () => {
  const active = '\u001b]0;x\u0007\u202e\ud800'
  const text = changed((facts) =>
    Object.assign(facts, { cmdline: `root=live:LABEL=x rd.live.overlay="/dev/sdb:/${active}"` }),
  )
  const { status, stdout, stderr } = dryRunWith(text)
  for (const output of [stdout, stderr]) assert.match(output, '\\x1b]0;x\\x07\\u202e')
  assert.is(status, 4)
})

/** The facts with one value, wherever it is, turned into something else. */
function mutate(facts: unknown, random: (limit: number) => number): unknown {
  const copy = JSON.parse(JSON.stringify(facts))
  const places: [Record<string, unknown>, string][] = []
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, item] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key])
      visit(item)
    }
  }
  visit(copy)
  const [owner, key] = places[random(places.length)]!
  const others = places[random(places.length)]!
  const values = [
    null,
    '',
    '/',
    '../..',
    -1,
    1e300,
    0.5,
    true,
    [],
    {},
    '\u0000\n\'"$(x)`\\',
    'é\ud83d',
  ]
  const choice = random(values.length + 2)
  if (choice === values.length) delete owner[key]
  else owner[key] = choice > values.length ? others[0][others[1]] : values[choice]
  return copy
}

test('a hundred spoilt files are no bug, and the same to both', () => {
  const random = seededRandom(20)
  const names = readdirSync(factsFolder)
  const seen = new Set<number | null>()
  for (let round = 0; round < 100; round++) {
    const text = readFileSync(`${factsFolder}/${names[round % names.length]}`, 'utf8')
    const at = random(text.length)
    const spoilt =
      round % 10 === 0
        ? `${text.slice(0, at)}${'{}[],:"\\n0'[random(10)]}${text.slice(at + random(3))}`
        : JSON.stringify(mutate(JSON.parse(text), random))
    seen.add(dryRunWith(spoilt, round % 3 === 0 ? 'live' : 'boot').status)
  }
  assert.ok(seen.has(0) && seen.has(2), `the statuses seen: ${[...seen].join(' ')}`)
})

test.run()
