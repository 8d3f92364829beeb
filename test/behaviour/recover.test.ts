import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { formatCowHeader } from '../../src/formats/cow-store.ts'
import { behaviour, callBoth } from './executables.ts'

// Files alone, whose base is not here or cannot be checked: what needs device-mapper boots in test/vm.
const test = behaviour('recover')

const CHUNK = 16384
const CHUNKS = 64
const BYTES = CHUNKS * CHUNK
const BASE_BYTES = 1 << 20

/** A store of 1 MiB with ten entries, marked invalid. */
function store(spoil: (bytes: Buffer) => void = () => {}): Buffer {
  const bytes = Buffer.alloc(BYTES)
  bytes.set(formatCowHeader(CHUNK / 512))
  bytes[4] = 0
  for (let entry = 0; entry < 10; entry++) putEntry(bytes, entry, entry, entry + 2)
  spoil(bytes)
  return bytes
}

function putEntry(bytes: Buffer, entry: number, oldChunk: number, newChunk: number): void {
  bytes.writeUInt32LE(oldChunk, CHUNK + entry * 16)
  bytes.writeUInt32LE(newChunk, CHUNK + entry * 16 + 8)
}

function sound(): Buffer {
  return store((bytes) => {
    bytes[4] = 1
  })
}

const record = JSON.stringify({
  version: 1,
  base: { sectors: BASE_BYTES / 512, fingerprint: '0-0' },
  chunkSectors: CHUNK / 512,
  createdSeconds: 1,
  lastUsedSeconds: 2,
})

function recover(files: Record<string, Buffer | string>, ...argv: string[]) {
  return both('recover', files, ...argv)
}

function both(command: string, files: Record<string, Buffer | string>, ...argv: string[]) {
  return inFolder(':', files, [command, ...argv])
}

/** What recover does after these lines of shell. */
function bothAfter(lines: string, files: Record<string, Buffer | string>, ...argv: string[]) {
  return inFolder(lines, files, ['recover', ...argv])
}

/**
 * Both executables' outcome, each in a folder with these files, after these lines of shell; and the files as they are
 * afterwards.
 */
function inFolder(lines: string, files: Record<string, Buffer | string>, argv: readonly string[]) {
  const folder = mkdtempSync(`${tmpdir()}/behaviour-`)
  try {
    mkdirSync(`${folder}/made`)
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(`${folder}/made/${name}`, content)
    }
    const fresh = `rm -rf work && cp -r made work && cd work && ${lines}`
    const script = `${fresh}; "$0" "$@"; status=$?; { sha256sum *; echo; } >> ../sums; exit $status`
    const outcome = callBoth({ argv, cwd: folder, script })
    const sums = readFileSync(`${folder}/sums`, 'utf8').split('\n').slice(0, -1)
    assert.equal(sums.slice(sums.length / 2), sums.slice(0, sums.length / 2))
    const names = readdirSync(`${folder}/work`)
    const after = names.map((name) => [name, readFileSync(`${folder}/work/${name}`)] as const)
    return { ...outcome, files: Object.fromEntries(after) as Record<string, Buffer> }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function isSame(one: Buffer | undefined, other: Buffer): void {
  assert.ok(one?.equals(other), 'the file is another')
}

const NOT_CHECKED =
  'holdfast: the file system in it is not checked: the store has no record of its base; name it with --base\n'

test('marked invalid: a copy is cured and has the place, the old one is as it was', () => {
  const { status, stdout, stderr, files } = recover({ 's.img': store() }, 's.img')
  assert.is(status, 4)
  assert.is(
    stderr,
    "holdfast: 's.img': it is marked invalid: it ran full, or its disk failed\n" +
      'holdfast: the work is done on a copy of 1 MiB, ./s.img.recovery\n' +
      `${NOT_CHECKED}holdfast: the old store is ./s.img.before-recovery: remove it when nothing is missed\n`,
  )
  assert.match(stdout, /^ {2}header {5}valid, version 1, chunk 16 KiB$/m)
  assert.match(stdout, '10 chunks changed')
  assert.equal(Object.keys(files), ['s.img', 's.img.before-recovery'])
  isSame(files['s.img'], sound())
  isSame(files['s.img.before-recovery'], store())
})

test('in place, and a second time there is nothing to do', () => {
  const cured = recover({ 's.img': store() }, 's.img', '--in-place')
  assert.is(cured.status, 4)
  assert.equal(Object.keys(cured.files), ['s.img'])
  isSame(cured.files['s.img'], sound())
  const again = recover({ 's.img': sound() }, 's.img', '--json')
  assert.equal([again.status, Object.keys(again.files)], [0, ['s.img']])
  assert.is(again.stderr, "holdfast: 's.img' is sound: there is nothing to recover\n")
  assert.is(JSON.parse(again.stdout).exceptions, 10)
  isSame(again.files['s.img'], sound())
})

test('a dry run prints a script that does the same', () => {
  const { status, stdout, stderr, files } = recover({ 's.img': store() }, 's.img', '--dry-run')
  assert.equal([status, stderr], [4, ''])
  isSame(files['s.img'], store())
  assert.equal(Object.keys(files), ['s.img'])
  const run = recover({ 's.img': store(), script: stdout }, '--help')
  assert.is(run.status, 0)
  assert.match(
    stdout,
    'mv -f ./s.img ./s.img.before-recovery\nmv -f ./s.img.recovery ./s.img\nsync .\n',
  )
})

test('what a torn write left behind the end of the list is cleared', () => {
  const torn = store((bytes) => putEntry(bytes, 32, 99, 50))
  const cured = recover({ 's.img': torn }, 's.img')
  assert.match(cured.stderr, 'are 22 empty entries and then 1 more: a power cut tore a write')
  isSame(cured.files['s.img'], sound())
  isSame(cured.files['s.img.before-recovery'], torn)
})

test('what follows destroyed entries is given up when that is asked for, and kept in the old store', () => {
  const holed = store((bytes) => {
    bytes[4] = 1
    putEntry(bytes, 12, 99, 50)
  })
  const what =
    'is damaged: entry 10 is empty, and the kernel would leave out all that follow, up to entry 12'
  for (const more of [[], ['--in-place'], ['--in-place', '--force']]) {
    const refused = recover({ 's.img': holed }, 's.img', ...more)
    assert.equal([refused.status, refused.stdout], [3, ''])
    assert.match(refused.stderr, what)
    assert.match(refused.stderr, 'the old store is kept as s.img.before-recovery')
    assert.equal(Object.keys(refused.files), ['s.img'])
    isSame(refused.files['s.img'], holed)
  }
  const checked = both('check', { 's.img': holed }, 's.img')
  assert.is(checked.status, 3)
  assert.match(checked.stdout, what)
  assert.match(checked.stderr, 'holdfast recover --force s.img, in a copy')
  isSame(checked.files['s.img'], holed)
  const cut = recover({ 's.img': holed }, 's.img', '--force')
  assert.is(cut.status, 4)
  assert.match(cut.stderr, /entry 10 is empty.*: what follows is given up/)
  isSame(cut.files['s.img'], sound())
  isSame(cut.files['s.img.before-recovery'], holed)
})

test('one that is full grows: to what its base can ever need, and where that is not known it doubles', () => {
  const full = store((bytes) => putEntry(bytes, 10, 10, CHUNKS - 1))
  const unrecorded = recover({ 's.img': full }, 's.img')
  assert.match(unrecorded.stderr, 'it is full: 1 MiB of 1 MiB')
  assert.is(unrecorded.files['s.img']?.length, 2 * BYTES)
  const base = { sectors: (BYTES * 4) / 512, fingerprint: '0-0' }
  const larger = JSON.stringify({ ...JSON.parse(record), base })
  const { files, stderr } = recover({ 's.img': full, 's.img.holdfast': larger }, 's.img')
  assert.match(stderr, 'it grows from 1 MiB to 4 MiB: it cannot overflow')
  assert.match(stderr, 'its base is not here (unknown, 4 MiB, id 0-0); name it with --base')
  assert.is(files['s.img']?.length, (2 + 4 * CHUNKS) * CHUNK)
})

const refused: readonly (readonly [string, Buffer | string, RegExp])[] = [
  ['another version', store((bytes) => bytes.writeUInt32LE(2, 8)), /its version is 2, not 1/],
  ['no header', store((bytes) => bytes.fill(0, 0, CHUNK)), /where its header should be are zeros/],
  ['something else', 'x'.repeat(BYTES), /is not a store/],
  ['an entry outside', store((bytes) => putEntry(bytes, 7, 7, 1000)), /entry 7 has its data in/],
  [
    'the same chunk twice',
    store((bytes) => putEntry(bytes, 9, 3, 11)),
    /two entries are of chunk 3/,
  ],
  ['cut off', store().subarray(0, 6 * CHUNK), /entry 4 has its data in chunk 6, the file has 6/],
  ['0 bytes', '', /has 0 B, too little/],
]

for (const [title, content, why] of refused) {
  test(`${title}: refused, and nothing is changed`, () => {
    for (const more of [[], ['--in-place']]) {
      const { status, stdout, stderr, files } = recover({ 's.img': content }, 's.img', ...more)
      assert.equal([status, stdout], [3, ''])
      assert.match(stderr, why)
      assert.equal(Object.keys(files), ['s.img'])
      isSame(files['s.img'], Buffer.from(content))
    }
  })
}

test('of what cannot be cured it is said how much can be read', () => {
  const cut = recover({ 's.img': store().subarray(0, 6 * CHUNK) }, 's.img')
  assert.match(cut.stderr, 'Its first 4 entries can be read, with their data')
  const headless = store((bytes) => bytes.fill(0, 0, CHUNK))
  const known = recover({ 's.img': headless, 's.img.holdfast': record }, 's.img')
  assert.match(known.stderr, 'Its first 10 entries can be read, with their data')
})

test('a base that is not the recorded one is refused, and one that is too short', () => {
  const base = Buffer.alloc(BASE_BYTES)
  const files = { 's.img': store(), base, short: base.subarray(0, CHUNK) }
  const other = recover({ ...files, 's.img.holdfast': record }, 's.img', '--base', 'base')
  assert.is(other.status, 3)
  assert.match(
    other.stderr,
    /'s\.img' was made for another base \(unknown, 1 MiB, id 0-0\), base is unknown, 1 MiB, id \w+-\w+/,
  )
  isSame(other.files['s.img'], store())
  const short = recover(files, 's.img', '--base', 'short')
  assert.is(short.status, 3)
  assert.match(short.stderr, 'holds a change of sector 288, and ./short has 32: it is another base')
  const unknown = recover(files, 's.img', '--base', 'base')
  assert.match(
    unknown.stderr,
    'is not checked: it is of a type that is not known, and e2fsck checks ext2',
  )
  isSame(unknown.files['s.img'], sound())
})

test('names that are taken: an old store is kept, a half-made copy is not', () => {
  const kept = recover({ 's.img': store(), 's.img.before-recovery': 'old' }, 's.img')
  assert.is(kept.status, 3)
  assert.match(kept.stderr, "'s.img.before-recovery' is there already")
  assert.is(String(kept.files['s.img.before-recovery']), 'old')
  const half = recover({ 's.img': store(), 's.img.recovery': 'half' }, 's.img')
  isSame(half.files['s.img'], sound())
})

test('what was interrupted between the two names is said by check, and finished by asking again', () => {
  const between = { 's.img.recovery': sound(), 's.img.before-recovery': store() }
  const checked = both('check', between, 's.img')
  assert.is(checked.status, 3)
  assert.match(checked.stderr, "there is no 's.img': a recovery of it was interrupted")
  assert.match(checked.stderr, 'Finish it with: holdfast recover s.img. Nothing is lost')
  for (const name of ['s.img', './s.img', '../work/s.img']) {
    const { status, stdout, stderr, files } = recover(between, name)
    assert.is(status, 0, stderr)
    assert.match(stdout, /^SOUND|^DEGRADED/)
    assert.equal(Object.keys(files), ['s.img', 's.img.before-recovery'])
    isSame(files['s.img'], sound())
    isSame(files['s.img.before-recovery'], store())
  }
})

test('it is not finished with a copy that is not cured, and that is told', () => {
  const half = { 's.img.recovery': 'half', 's.img.before-recovery': store() }
  const { status, stderr, files } = recover(half, 's.img')
  assert.is(status, 3)
  assert.match(stderr, /s\.img\.recovery' is not a store/)
  assert.match(stderr, 'Rename s.img.before-recovery to s.img, and recover it anew')
  assert.equal(Object.keys(files), ['s.img.before-recovery', 's.img.recovery'])
  isSame(files['s.img.before-recovery'], store())
})

test('of a copy without a store, or an old store without a copy, nothing is made', () => {
  for (const name of ['s.img.recovery', 's.img.before-recovery']) {
    const { status, files } = recover({ [name]: sound() }, 's.img')
    assert.is(status, 2)
    assert.equal(Object.keys(files), [name])
  }
})

test('a copy that an interrupted recovery left is removed, and nothing is written through it', () => {
  for (const make of ['ln victim', 'ln -s victim', 'mkfifo', 'cp victim']) {
    for (const more of [[], ['--in-place']]) {
      const made = { 's.img': store(), victim: 'v'.repeat(100) }
      const { status, files, stderr } = bothAfter(`${make} s.img.recovery`, made, 's.img', ...more)
      assert.is(status, 4, stderr)
      isSame(files['s.img'], sound())
      assert.is(String(files['victim']), 'v'.repeat(100), make)
      assert.not(Object.keys(files).includes('s.img.recovery'))
    }
  }
})

test('what it wants: a store that is there, a base that is one', () => {
  assert.is(recover({}, 'none.img').status, 2)
  assert.is(recover({}, '/dev/nosuch:/x').status, 3)
  assert.match(recover({ 's.img': store() }, 's.img', '--base', 'none').stderr, '--base')
  assert.is(recover({ 's.img': store() }, 's.img', '--base', 'none').status, 2)
  assert.is(recover({ 's.img': store() }, 's.img', '--dry-run', '--json').status, 2)
})

test.run()
