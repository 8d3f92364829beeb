import * as assert from 'uvu/assert'
import { behaviour } from './executables.ts'
import { callUntouched } from './untouched.ts'

const test = behaviour('explain')

const LIVE = 'root=live:CDLABEL=LIVE'
const ROOT_LINE = 'root      the live medium labelled "LIVE", its LiveOS/squashfs.img'
const FAILS_TO_LINE =
  'fails to  temporary: a store in RAM, lost at shutdown (default of rd.holdfast.onfail)'
const WAITS_LINE =
  'waits     at most 30 s for the persistence device (default of rd.holdfast.timeout)'

function explain(cmdline: string, ...more: string[]) {
  return callUntouched({ argv: ['explain', '--cmdline', cmdline, ...more] })
}

/** A command line without problems and the whole of its explanation. */
function isExplained(cmdline: string, ...lines: string[]): void {
  const { status, stdout, stderr } = explain(cmdline)
  assert.is(stdout, lines.map((line) => `${line}\n`).join(''))
  assert.equal([status, stderr], [0, ''])
}

/** A line of the explanation of a command line that has problems or none. */
function says(cmdline: string, line: string, expected: 0 | 2): void {
  const { status, stdout, stderr } = explain(cmdline)
  assert.ok(stdout.split('\n').includes(line), `${line}\nis not in\n${stdout}`)
  assert.equal([status, stderr], [expected, ''])
}

test('the original recipe', () => {
  isExplained(
    `${LIVE} rd.live.overlay=/dev/sdb:/persist-hda.img`,
    ROOT_LINE,
    'store     /persist-hda.img on /dev/sdb   (rd.live.overlay=/dev/sdb:/persist-hda.img)',
    FAILS_TO_LINE,
    WAITS_LINE,
  )
})

test('an old name, no path, an argument that is ignored', () => {
  isExplained(
    `${LIVE} overlay=LABEL=PERSIST rd.live.overlay.reset=0 rd.live.overlay.thin`,
    ROOT_LINE,
    'store     /LiveOS/overlay-LIVE-<UUID of the medium> on the file system labelled "PERSIST"   (overlay=LABEL=PERSIST)',
    'ignored   rd.live.overlay.thin: the RAM store is not thin; nothing else changes',
    'note      overlay=LABEL=PERSIST: deprecated, now rd.live.overlay',
    FAILS_TO_LINE,
    WAITS_LINE,
  )
})

test('nothing asked for', () => {
  isExplained(
    '',
    'root      not named (no root=)',
    'store     none asked for: the root is left alone',
  )
  isExplained(
    'root=LABEL=ROOT ro',
    'root      LABEL=ROOT',
    'store     none asked for: the root is left alone',
    'mounted   with ro',
  )
  isExplained(LIVE, ROOT_LINE, 'store     in RAM: changes are lost at shutdown')
})

test('a policy and a time that were given', () => {
  const cmdline = 'root=LABEL=ROOT rd.live.overlay=UUID=1234:/a.img rd.holdfast.onfail=poweroff'
  says(cmdline, 'fails to  poweroff: switching the machine off (rd.holdfast.onfail=)', 0)
  const waits = 'waits     at most 90 s for the persistence device (rd.holdfast.timeout=)'
  says(`${cmdline} rd.holdfast.timeout=90`, waits, 0)
})

test('spaces by quoting, and colons in a device', () => {
  const quoted = 'rd.live.overlay="LABEL=MY DISK:/my store"'
  const store = `store     /my store on the file system labelled "MY DISK"   (${quoted})`
  says(`${LIVE} ${quoted}`, store, 0)
  const device = '/dev/disk/by-path/pci-0000:00:1f.2-ata-2'
  const colons = `rd.live.overlay=${device}:/x`
  says(`${LIVE} ${colons}`, `store     /x on ${device}   (${colons})`, 0)
})

test('an image by another name, copied to RAM, with a store in RAM of that size', () => {
  isExplained(
    `${LIVE} rd.live.ram rd.live.dir=boot rd.live.squashimg=a.img rd.live.overlay.size=512`,
    'root      the live medium labelled "LIVE", its boot/a.img, copied to RAM',
    'store     in RAM, 512 MiB: changes are lost at shutdown',
  )
})

test('of two the last one wins, and the other is named', () => {
  const cmdline = `${LIVE} rd.overlay=LABEL=P:/x rd.overlay=LABEL=Q:/y`
  says(cmdline, 'ignored   rd.overlay=LABEL=P:/x: the last rd.overlay= wins', 0)
})

test('a misspelled argument is a problem with a suggestion', () => {
  const line =
    'problem   rd.holdfast.onfial=reboot: is not known (perhaps rd.holdfast.onfail), ignored'
  says(`${LIVE} rd.holdfast.onfial=reboot`, line, 2)
})

test('every problem is told, not the first alone', () => {
  const { status, stdout } = explain(
    `${LIVE} rd.live.overlay=/dev/sdb:/../x rd.holdfast.onfail=explode rd.holdfast.timeout=soon`,
  )
  assert.is(stdout.match(/^problem /gm)?.length, 3)
  assert.is(status, 2)
})

test('--json is the configuration, null for what is not there', () => {
  const { status, stdout } = explain(`${LIVE} rd.live.overlay=LABEL=P:/x`, '--json')
  const { root, overlay, onFail, problems } = JSON.parse(stdout)
  assert.is(root.kind, 'live')
  assert.is(overlay.store.path, '/x')
  assert.is(onFail, 'temporary')
  assert.equal(problems, [])
  assert.is(status, 0)
})

test.run()
