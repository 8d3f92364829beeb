import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import type { Facts } from '../../../src/machine/facts.ts'
import { planTemporary } from '../../../src/overlay/plan-fallback.ts'
import { findRoot, type RootFacts } from '../../../src/overlay/root-facts.ts'
import { disk, factsOf } from '../facts-of.ts'
import { lines, scriptWithoutRecord } from '../script-of.ts'

const test = suite('temporary root')

const ROOT = '20 1 8:2 / /sysroot ro,relatime - ext4 /dev/sda2 ro'

function script(arguments_: string, sectors: number, more: Partial<Facts> = {}): string {
  const facts = { ...factsOf([disk('sda2', '8:2', 'ext4', { sectors })], [ROOT]), ...more }
  const { plan } = planTemporary(
    parseConfig(arguments_),
    facts,
    findRoot(facts) as RootFacts,
    undefined,
  )
  return scriptWithoutRecord(plan)
}

const bytesOf = (text: string) => Number(/truncate -s (\d+)/.exec(text)?.[1])

test('the store in RAM is a file in a tmpfs with room to spare, as large as the base can need', () => {
  // 64 MiB are 4096 chunks of 16 KiB; header, chunks, 4 full areas and one more: 4102 chunks.
  const expected = lines(
    '# TEMPORARY: changes are lost at shutdown',
    'mkdir -p /run/initramfs/holdfast-ram',
    'mount -t tmpfs -o size=68255744,mode=0700 tmpfs /run/initramfs/holdfast-ram',
    'truncate -s 67207168 /run/initramfs/holdfast-ram/store',
    'ram=$(losetup --find --show /run/initramfs/holdfast-ram/store)',
    'umount /sysroot',
    'dmsetup create live-snapshot --uuid holdfast-live-snapshot --table "0 131072 snapshot /dev/sda2 $ram PO 32"',
    "dmsetup create live-rw --uuid holdfast-live-rw --table '0 131072 linear /dev/mapper/live-snapshot 0'",
    'mount -t ext4 -o ro /dev/mapper/live-rw /sysroot',
    '(record)',
  )
  assert.is(67207168, 4102 * 16384)
  assert.is(script('rd.overlay', 131072), expected)
})

test('it takes at most three quarters of the memory', () => {
  assert.is(bytesOf(script('rd.overlay', 2 ** 24)), 768 << 20)
  assert.is(bytesOf(script('rd.overlay rd.live.overlay.size=1000', 2 ** 24)), 768 << 20)
  assert.is(bytesOf(script('rd.overlay', 2 ** 24, { memoryBytes: 2 ** 28 })), 192 << 20)
})

test('rd.live.overlay.size= says how large it is', () => {
  assert.is(bytesOf(script('rd.overlay rd.live.overlay.size=96', 2 ** 24)), 96 << 20)
})

test('why it is temporary stands in the first line', () => {
  const facts = factsOf([disk('sda2', '8:2')], [ROOT])
  const root = findRoot(facts) as RootFacts
  const { outcome, plan } = planTemporary(parseConfig(''), facts, root, {
    why: '/dev/sdb is not there',
    hint: 'Plug it in.',
  })
  assert.is(plan.reasons[0], 'TEMPORARY: changes are lost at shutdown: /dev/sdb is not there')
  assert.is(outcome.why, '/dev/sdb is not there')
})

test.run()
