import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { System } from '../../../src/machine/system.ts'
import { formatStatus } from '../../../src/status/format-status.ts'
import { probeStatus } from '../../../src/status/probe-status.ts'
import { disk, dm, factsOf, loop } from '../facts-of.ts'
import { mapSystem } from '../map-system.ts'

const test = suite('status')

const facts = factsOf(
  [
    disk('sdb', '8:16'),
    dm(0, 'live-base', 'holdfast-live-base', ['loop1']),
    dm(2, 'live-snapshot', 'holdfast-live-snapshot', ['dm-0', 'loop2']),
    dm(1, 'live-rw', 'holdfast-live-rw', ['dm-2']),
    loop(2, '/run/initramfs/overlayfs/persist.img'),
  ],
  [
    '20 1 254:1 / /sysroot rw,relatime - ext4 /dev/mapper/live-rw rw',
    '21 2 8:16 / /run/initramfs/overlayfs rw - ext4 /dev/sdb rw',
  ],
)

function status(record: string, state: string): string[] {
  const system: System = {
    ...mapSystem({ texts: { '/run/holdfast/boot.json': record } }),
    freeBytes: () => 100 << 20,
    run: ([, what, name]) => {
      assert.is(name, 'live-snapshot')
      const table = '0 2097152 snapshot 254:0 7:2 PO 32\n'
      return {
        status: 0,
        stdout: what === 'table' ? table : `0 2097152 snapshot ${state}\n`,
        stderr: '',
        timedOut: false,
      }
    },
  }
  return formatStatus(probeStatus(system, facts))
}

const RECORD =
  '{"mode":"persistent","store":"/dev/sdb:/persist.img","asked":"rd.live.overlay=/dev/sdb:/persist.img"}'

test('a persistent root: where it keeps what, and how full the store is', () => {
  assert.equal(status(RECORD, '153600/614400 32'), [
    'PERSISTENT   root keeps its changes in /dev/sdb:/persist.img',
    '  root       /dev/mapper/live-rw on /sysroot, ext4, rw',
    '  base       live-base, 1 GiB',
    `  store      75 MiB of 300 MiB used (25 %), chunk 16 KiB   ${'█'.repeat(8)}${'░'.repeat(22)}`,
    '  holder     /dev/sdb, ext4, 100 MiB free; the store is /run/initramfs/overlayfs/persist.img',
    '  asked      rd.live.overlay=/dev/sdb:/persist.img',
  ])
})

test('a store that ran full comes before what the record says', () => {
  for (const state of ['Overflow', 'Invalid']) {
    const [first, , , store] = status(RECORD, state)
    assert.is(first, 'FULL         the store is full: writes fail, what was kept can be read')
    assert.is(store, `  store      ${state.toLowerCase()}`)
  }
})

test('why it is less than was asked, in one line that moves no cursor', () => {
  const lines = status(
    String.raw`{"mode":"temporary","why":"no \u001b[2J","hint":"Plug it in."}`,
    '1/2 1',
  )
  assert.is(lines[0], 'TEMPORARY    everything written since boot is lost at shutdown')
  assert.ok(lines.includes(String.raw`  why        no \x1b[2J`))
  assert.ok(lines.includes('  try        Plug it in.'))
})

test('without a record, or with a broken one, nothing has been done', () => {
  for (const record of ['', '{', 'x']) {
    assert.is(status(record, '1/2 1')[0], 'UNTOUCHED    holdfast has done nothing to this root')
  }
})

test.run()
