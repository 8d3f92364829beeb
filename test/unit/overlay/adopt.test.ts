import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig } from '../../../src/cmdline/config.ts'
import { findMadeRoot, type MadeRoot, planAdopted } from '../../../src/overlay/adopt.ts'
import { findRoot } from '../../../src/overlay/root-facts.ts'
import { disk, dm, factsOf, loop } from '../facts-of.ts'
import { lines, scriptOf, scriptWithoutRecord } from '../script-of.ts'

const test = suite('adopt')

const STOCK_UUID = ''
const CONFIG = parseConfig('root=live:LABEL=L rd.live.overlay=LABEL=P:/persist.img')

/** The root on live-rw, over two loop devices: base and store. */
function madeRoot(uuid: string, store: string): MadeRoot | undefined {
  const made = dm(1, 'live-rw', uuid, ['loop1', 'loop2'])
  const devices = [made, loop(1, '/LiveOS/rootfs.img'), loop(2, store), loop(3, '/elsewhere.img')]
  const mounts = ['20 1 254:1 / /sysroot rw - ext4 /dev/mapper/live-rw rw']
  const facts = factsOf(devices, mounts)
  return findMadeRoot(facts, findRoot(facts))
}

test('a root that is no live-rw has not been made by anybody', () => {
  const facts = factsOf([disk('sda', '8:0')], ['20 1 8:0 / /sysroot ro - ext4 /dev/sda ro'])
  assert.is(findMadeRoot(facts, findRoot(facts)), undefined)
  assert.is(findMadeRoot(facts, undefined), undefined)
})

test('what an earlier run of ours made needs no step', () => {
  const { plan, outcome } = planAdopted(CONFIG, madeRoot('holdfast-live-rw', '/x') as MadeRoot)
  assert.is(scriptOf(plan), '# the root is as asked already\n')
  assert.is(outcome, undefined)
})

test('so does an OverlayFS root of ours', () => {
  const facts = factsOf([], ['20 1 0:40 / /sysroot rw - overlay holdfast rw,lowerdir=/a'])
  assert.equal(findMadeRoot(facts, findRoot(facts)), { ours: true, backingFiles: [] })
})

test("stock dracut's root on the store that was asked for is adopted as persistent", () => {
  for (const file of ['/persist.img', '/run/initramfs/overlayfs/persist.img']) {
    const { plan, outcome } = planAdopted(CONFIG, madeRoot(STOCK_UUID, file) as MadeRoot)
    const expected = lines(
      '# persistent: LABEL=P:/persist.img',
      '# live-rw was made by stock dmsquash-live: adopted as it is',
      '(record)',
    )
    assert.is(scriptWithoutRecord(plan), expected)
    assert.is(outcome?.why, undefined)
  }
})

test("stock dracut's root on another store is told, also where its name ends alike", () => {
  for (const file of ['/other.img', '/old/persist.img', '/overlay (deleted)']) {
    const { plan, outcome } = planAdopted(CONFIG, madeRoot(STOCK_UUID, file) as MadeRoot)
    assert.is(outcome?.mode, 'temporary')
    const reason =
      '# TEMPORARY: changes are lost at shutdown: stock dmsquash-live made the root on another store\n'
    assert.is(scriptOf(plan).slice(0, reason.length), reason)
  }
})

test("a store of the name that stock gives is the one that 'auto' means", () => {
  const auto = parseConfig('root=live:LABEL=L rd.live.overlay=LABEL=P')
  const mode = (file: string) =>
    planAdopted(auto, madeRoot(STOCK_UUID, file) as MadeRoot).outcome?.mode
  assert.is(mode('/LiveOS/overlay-L-2026'), 'persistent')
  assert.is(mode('/LiveOS/other'), 'temporary')
})

test('a temporary root that was to be temporary has no reason to complain', () => {
  const { outcome } = planAdopted(
    parseConfig('root=live:LABEL=L'),
    madeRoot(STOCK_UUID, '/x') as MadeRoot,
  )
  assert.equal([outcome?.mode, outcome?.why], ['temporary', undefined])
})

test.run()
