import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { explainConfig } from '../../../src/cmdline/explain.ts'

function explain(text: string): string[] {
  return explainConfig(parseConfig(text))
}

const POLICY = [
  'fails to  temporary: a store in RAM, lost at shutdown (default of rd.holdfast.onfail)',
  'waits     at most 30 s for the persistence device (default of rd.holdfast.timeout)',
]

test('a live root with a store that has no path, and an option without effect', () => {
  const text =
    'root=live:CDLABEL=LIVE overlay=LABEL=PERSIST rd.live.overlay.reset=0 rd.live.overlay.thin'
  assert.equal(explain(text), [
    'root      the live medium labelled "LIVE", its LiveOS/squashfs.img',
    'store     /LiveOS/overlay-LIVE-<UUID of the medium> on the file system labelled "PERSIST"   (overlay=LABEL=PERSIST)',
    'ignored   rd.live.overlay.thin: the RAM store is not thin; nothing else changes',
    'note      overlay=LABEL=PERSIST: deprecated, now rd.live.overlay',
    ...POLICY,
  ])
})

test('everything that can be asked of a store, and what is not understood', () => {
  const text =
    'root=UUID=1 ro rootflags=noatime rd.live.overlay=/dev/sdb:/x rd.live.overlay.readonly rd.live.overlay.overlayfs ' +
    'rd.holdfast.onfail=shell rd.holdfast.timeout=5 rd.holdfast.zzz'
  assert.equal(explain(text), [
    'root      UUID=1',
    'store     /x on /dev/sdb   (rd.live.overlay=/dev/sdb:/x)',
    'readonly  yes: what is written goes to RAM',
    'changes   kept file by file, in an OverlayFS',
    'mounted   with ro,noatime',
    'problem   rd.holdfast.zzz: is not known, ignored',
    'fails to  shell: the emergency shell (rd.holdfast.onfail=)',
    'waits     at most 5 s for the persistence device (rd.holdfast.timeout=)',
  ])
})

test('a reset is announced', () => {
  const lines = explain('root=live:UUID=1-2 rd.live.overlay=/dev/sdb rd.live.overlay.reset')
  assert.is(
    lines[1]?.startsWith('store     /LiveOS/overlay-<LABEL of the medium>-1-2 on /dev/sdb'),
    true,
  )
  assert.is(lines[2], 'reset     yes: the store is emptied first, once (rd.live.overlay.reset)')
})

test('a live root without a store to keep', () => {
  assert.equal(explain('root=live:/x.iso rw rd.live.ram rd.live.overlay.size=512'), [
    'root      the live medium /x.iso in the initramfs, its LiveOS/squashfs.img, copied to RAM',
    'store     in RAM, 512 MiB: changes are lost at shutdown',
    'medium    mounted read-write',
  ])
  assert.equal(explain('root=live:CDLABEL=L iso-scan/filename=/x.iso rd.live.overlay=none'), [
    'root      the live medium labelled "L", inside the ISO file /x.iso, its LiveOS/squashfs.img',
    'store     none: the base itself is mounted   (rd.live.overlay=none)',
  ])
})

test('a root of which nothing is asked', () => {
  assert.equal(explain(''), [
    'root      not named (no root=)',
    'store     none asked for: the root is left alone',
  ])
})

test('a store that cannot be had', () => {
  const [, store, problem, ...policy] = explain('root=UUID=1 rd.live.overlay=sdb')
  assert.is(store, 'store     cannot be had   (rd.live.overlay=sdb)')
  assert.match(problem ?? '', /^problem {3}rd\.live\.overlay=sdb: 'sdb' is not a device/)
  assert.equal(policy, POLICY)
})

test('what is typed is escaped', () => {
  assert.is(explain('root=\u001b[2J')[0], 'root      \\x1b[2J')
})

test('a root that is read-only but for some paths, and the policy for their state', () => {
  const explained = (text: string) => explainConfig(parseConfig(text)).join('\n')
  assert.match(
    explained('root=LABEL=R readonlyroot'),
    'paths     the root is read-only, but for what rwtab and statetab list (readonlyroot)',
  )
  assert.match(
    explained('root=LABEL=R noreadonlyroot rd.holdfast.state=required rd.holdfast.onfail=shell'),
    'state     where it cannot be had: shell (rd.holdfast.state=required)',
  )
  assert.not.match(explained('root=LABEL=R'), /^(paths|state) /m)
})

test.run()
