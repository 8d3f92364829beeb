import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { KeepingFacts } from '../../../src/keeping/backing.ts'
import { findRamLayers } from '../../../src/keeping/ram-layers.ts'
import { disk } from '../facts-of.ts'
import { liveRoot, running } from './keeping-of.ts'

const test = suite('lost: what is in RAM')

const ROOT = '10 0 8:0 / / rw - ext4 /dev/sda rw'
const sda = disk('sda', '8:0', 'ext4')
const at = (all: KeepingFacts, volatileToo = false) =>
  findRamLayers(all, volatileToo).layers.map(({ kind, folder, name }) => [kind, folder, name])

test('an untouched root and a store on a device have none', () => {
  assert.equal(at(running([sda], [ROOT])), [])
  assert.equal(at(liveRoot('/run/initramfs/overlayfs/persist.img')), [])
})

test('what is volatile by design counts only where it is asked for', () => {
  const all = running(
    [sda],
    [
      ROOT,
      '11 10 0:5 / /tmp rw - tmpfs t rw',
      '12 10 0:6 / /run rw - tmpfs t rw',
      '13 12 0:7 / /run/lock rw - tmpfs t rw',
      '14 10 0:8 / /var rw - tmpfs t rw',
    ],
  )
  assert.equal(at(all), [['copies', '/var', '/var']])
  assert.equal(
    at(all, true).map(([, folder]) => folder),
    ['/tmp', '/run', '/run/lock', '/var'],
  )
})

test('the tmpfs that holds a store in RAM is not a layer: the root that stands on it is', () => {
  const all = liveRoot('/run/initramfs/holdfast-ram/store')
  assert.equal(at(all), [['root', '/', '/']])
  assert.equal(at(all, true), [
    ['root', '/', '/'],
    ['copies', '/run', '/run'],
  ])
})

test('an overlay is walked by its upper layer, under the names of the overlay', () => {
  const overlay = '13 10 0:60 / /media rw - overlay o rw,lowerdir=/l,upperdir=/up/u,workdir=/up/w'
  const all = running([sda], [ROOT, '12 10 0:9 / /up rw - tmpfs t rw', overlay])
  assert.equal(at(all), [
    ['copies', '/up', '/up'],
    ['upper', '/up/u', '/media'],
  ])
  const { apart } = findRamLayers(all, false)
  assert.ok(apart.has('/up/u') && apart.has('/up/w'))
})

test('a part of a tmpfs that is bound to its own place is walked there, and not twice', () => {
  const all = running(
    [sda],
    [
      ROOT,
      '11 10 0:9 / /var/lib/stateless/writable rw - tmpfs t rw',
      '12 10 0:9 /etc /etc rw - tmpfs t rw',
      '13 10 0:9 /etc/ssh /etc2 rw - tmpfs t rw',
      '14 10 0:9 /etc /other rw - tmpfs t rw',
    ],
  )
  assert.equal(
    at(all).map(([, folder]) => folder),
    ['/etc2', '/etc', '/var/lib/stateless/writable'],
  )
  const { apart } = findRamLayers(all, false)
  assert.ok(apart.has('/etc/ssh') && apart.has('/var/lib/stateless/writable/etc'))
})

test('a mount that another one hides is none', () => {
  const all = running(
    [sda, disk('sdc', '8:32')],
    [ROOT, '11 10 0:9 / /var rw - tmpfs t rw', '12 11 8:32 / /var rw - ext4 /dev/sdc rw'],
  )
  assert.equal(at(all), [])
})

test('in the initramfs only what the booted system will see counts', () => {
  const made = running(
    [sda],
    [
      '10 0 0:1 / / rw - tmpfs initramfs rw',
      '11 10 8:0 / /sysroot rw - ext4 /dev/sda rw',
      '12 11 0:5 / /sysroot/var rw - tmpfs t rw',
    ],
  )
  const all = { ...made, facts: { ...made.facts, newRoot: '/sysroot' } }
  assert.equal(at(all), [['copies', '/sysroot/var', '/var']])
})

test.run()
