import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'

const LIVE = 'root=live:CDLABEL=LIVE'

/** The store in one word or as DEVICE:PATH, and what is said about the arguments. */
function store(text: string): [store: string, ...said: string[]] {
  const { overlay, notes, problems } = parseConfig(text)
  const said = [...notes, ...problems].map((one) => `${one.argument}: ${one.text}`)
  if (overlay.store.kind !== 'persistent') return [overlay.store.kind, ...said]
  const { device, path } = overlay.store
  const name = device.kind === 'path' ? device.path : `${device.kind} ${device.value}`
  return [`${name}:${path ?? 'auto'}`, ...said]
}

/** The grammar: what is typed after a live root, and the store that comes of it, with nothing to say. */
const grammar: readonly (readonly [string, string])[] = [
  ['', 'temporary'],
  ['rd.live.overlay=/dev/sdb:/f.img', '/dev/sdb:/f.img'],
  ['rd.live.overlay=LABEL=P:/f.img', 'label P:/f.img'],
  ['rd.live.overlay=UUID=1-2:/f.img', 'uuid 1-2:/f.img'],
  ['rd.live.overlay=PARTLABEL=P:/f.img', 'partlabel P:/f.img'],
  ['rd.live.overlay=PARTUUID=1-2:/f.img', 'partuuid 1-2:/f.img'],
  ['"rd.live.overlay=LABEL=My Disk/2:/f.img"', 'label My Disk/2:/f.img'],
  ['rd.live.overlay=LABEL="My Disk":/f.img', 'label My Disk:/f.img'],
  ['rd.live.overlay=/dev/sdb:f.img', '/dev/sdb:/f.img'],
  ['rd.live.overlay="/dev/sdb:/a b.img"', '/dev/sdb:/a b.img'],
  ['rd.live.overlay=/dev/sdb:auto', '/dev/sdb:auto'],
  ['rd.live.overlay=/dev/sdb:', '/dev/sdb:auto'],
  ['rd.live.overlay=/dev/sdb', '/dev/sdb:auto'],
  ['rd.live.overlay=none', 'none'],
  ['rd.live.overlay=None', 'none'],
  ['rd.live.overlay=NONE', 'none'],
  ['rd.overlay=none', 'none'],
  ['rd.overlay=/dev/sdb:/f.img', '/dev/sdb:/f.img'],
  ['rd.overlay=/dev/sdb', '/dev/sdb:auto'],
  ['rd.live.overlay', 'temporary'],
  ['rd.live.overlay=', 'temporary'],
  ['rd.live.overlay=1', 'temporary'],
  ['rd.live.overlay=yes', 'temporary'],
  ['rd.live.overlay=on', 'temporary'],
  ['rd.live.overlay=0', 'temporary'],
  ['rd.overlay=no', 'temporary'],
  ['rd.overlay=tmpfs', 'temporary'],
  ['rd.overlay=tmpfs:', 'temporary'],
]

for (const [text, expected] of grammar) {
  test(`live root, ${text || 'nothing asked'}: ${expected}`, () => {
    assert.equal(store(`${LIVE} ${text}`), [expected])
  })
}

test('another root is left alone, unless something is asked', () => {
  assert.equal(store('root=UUID=1'), ['untouched'])
  assert.equal(store('root=UUID=1 rd.live.overlay=off'), ['untouched'])
  assert.equal(store('root=UUID=1 rd.live.overlay=/dev/sdb:/x'), ['/dev/sdb:/x'])
  assert.equal(store('root=UUID=1 rd.live.overlay=1'), ['temporary'])
  assert.equal(store('root=UUID=1 rd.overlay'), [
    'temporary',
    'rd.overlay: asks for a store in RAM: the snapshot, not an OverlayFS on top of it',
  ])
})

test('overlay= works, and is said to be old, once', () => {
  assert.equal(store(`${LIVE} overlay=/dev/sdb:/x overlay=/dev/sdb:/x`), [
    '/dev/sdb:/x',
    'overlay=/dev/sdb:/x: deprecated, now rd.live.overlay',
  ])
})

test('rd.live.overlay comes before rd.overlay, that before overlay, in any order on the line', () => {
  assert.equal(store(`${LIVE} overlay=/dev/c rd.overlay=/dev/b:/x rd.live.overlay=/dev/a:/x`), [
    '/dev/a:/x',
    'rd.overlay=/dev/b:/x: rd.live.overlay= comes before rd.overlay=',
    'overlay=/dev/c: rd.live.overlay= comes before overlay=',
    'overlay=/dev/c: deprecated, now rd.live.overlay',
  ])
  assert.is(store(`${LIVE} rd.overlay=/dev/b:/x overlay=/dev/c`)[0], '/dev/b:/x')
})

test('a name that is switched off gives way to the next', () => {
  assert.equal(store(`${LIVE} rd.live.overlay=0 rd.overlay=/dev/b:/x`), ['/dev/b:/x'])
})

test('of one name the last wins, and the others are said to be ignored', () => {
  assert.equal(store(`${LIVE} rd.live.overlay=/dev/a:/x rd.live.overlay=/dev/b:/x`), [
    '/dev/b:/x',
    'rd.live.overlay=/dev/a:/x: the last rd.live.overlay= wins',
  ])
  assert.is(store(`${LIVE} rd.live.overlay=/dev/a:/x rd.live.overlay=0`)[0], 'temporary')
})

test('what was asked is kept as typed, escaped', () => {
  assert.is(
    parseConfig('"rd.live.overlay=LABEL=a b:/x"').overlay.asked,
    '"rd.live.overlay=LABEL=a b:/x"',
  )
  assert.is(parseConfig('overlay=\u001b[2J').overlay.asked, 'overlay=\\x1b[2J')
  assert.is(parseConfig(LIVE).overlay.asked, undefined)
})

for (const value of ['sdb:/x', 'true', 'nONE', ':/x', '/dev/sdb:/../x', '/dev/sdb:/', 'auto']) {
  test(`rd.live.overlay=${value} cannot be followed, and says so`, () => {
    const { overlay, problems } = parseConfig(`${LIVE} rd.live.overlay=${value}`)
    assert.is(overlay.store.kind, 'unusable')
    assert.is(problems.length, 1)
    assert.is(problems[0]?.argument, `rd.live.overlay=${value}`)
    assert.ok(overlay.store.kind === 'unusable' && problems[0]?.text.startsWith(overlay.store.why))
  })
}

test('what stock dracut would do and holdfast does not is said', () => {
  assert.equal(store(`${LIVE} rd.overlay.crypt=/dev/sdb`).slice(1), [
    'rd.overlay.crypt=/dev/sdb: the store is not encrypted; name an opened device, /dev/mapper/...',
  ])
  assert.match(store(`${LIVE} rd.overlay=tmpfs:size=1G`)[1] ?? '', 'rd.live.overlay.size=')
})

test('a store below a root that is mounted read-only keeps nothing, and that is said', () => {
  const kept = `${LIVE} rd.live.overlay=/dev/sdb:/x`
  assert.match(
    store(`${kept} rootflags=noatime,ro`)[1] ?? '',
    /^rootflags=noatime,ro: .*remount,rw/,
  )
  assert.equal(store(`${kept} rootflags=errors=remount-ro`), ['/dev/sdb:/x'])
  assert.equal(store(`${LIVE} rootflags=ro`), ['temporary'])
})

test("oVirt Node's installer may clear the disk of the store, and that is said", () => {
  for (const word of ['firstboot', 'ovirt_firstboot=1', 'reinstall', 'uninstall=yes']) {
    const [name, ...said] = store(`${LIVE} rd.live.overlay=/dev/sdb:/x ${word}`)
    assert.is(name, '/dev/sdb:/x')
    assert.equal(said.length, 1, word)
    assert.match(said[0] ?? '', `${word}: oVirt Node clears its disks`)
  }
  assert.equal(store(`${LIVE} rd.live.overlay=/dev/sdb:/x firstboot=0 reinstall=no`), [
    '/dev/sdb:/x',
  ])
})

test.run()
