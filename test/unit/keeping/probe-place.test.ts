import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { probePlace } from '../../../src/keeping/probe-place.ts'
import { mapSystem } from '../map-system.ts'
import { running } from './keeping-of.ts'

const test = suite('which: where a path leads')

const ROOT = '10 0 8:0 / / rw - ext4 /dev/sda rw'
const links = {
  '/lib': 'usr/lib',
  '/etc/now': '/usr/lib/../file',
  '/etc/gone': '/nowhere/x',
  '/a': 'b',
  '/b': 'a',
  '/data/link': '/etc/now',
  '/proc/self': '77',
}
const kinds = Object.fromEntries(Object.keys(links).map((path) => [path, 'symlink' as const]))
const texts = { '/usr/lib/x': '', '/usr/file': '', '/proc/mounts': '' }
const system = mapSystem({ links, kinds, texts })
const { facts } = running(
  [],
  [ROOT, '11 10 0:50 / /data rw - nfs4 nas:/x rw', '12 10 0:5 / /proc rw - proc proc rw'],
)
const lead = (path: string) => {
  const { path: real, nearest, code } = probePlace(system, facts, path)
  return [real, nearest, code]
}

test('links are followed, relative and absolute ones, and parents come after them', () => {
  assert.equal(lead('/lib/x'), ['/usr/lib/x', '/usr/lib/x', undefined])
  assert.equal(lead('/lib/../file'), ['/usr/file', '/usr/file', undefined])
  assert.equal(lead('/etc//./now'), ['/usr/file', '/usr/file', undefined])
  assert.equal(lead('/../..'), ['/', '/', undefined])
})

test('from the first part that is missing the rest is as typed', () => {
  assert.equal(lead('/lib/y/z'), ['/usr/lib/y/z', '/usr/lib', 'ENOENT'])
  assert.equal(lead('/etc/gone'), ['/nowhere/x', '/', 'ENOENT'])
  assert.equal(lead('/lib/y/../z'), ['/usr/lib/z', '/usr/lib', 'ENOENT'])
})

test('links in circles end', () => {
  assert.is(probePlace(system, facts, '/a/x').code, 'ELOOP')
})

test('what lies on a server or is shown by the kernel is not looked at', () => {
  assert.equal(lead('/data/link'), ['/data/link', '/data/link', undefined])
  assert.equal(lead('/proc/self'), ['/proc/self', '/proc/self', undefined])
})

test('an absolute link stays inside of $NEWROOT', () => {
  const inside = mapSystem({
    links: { '/sysroot/etc/x': '/y' },
    kinds: { '/sysroot/etc/x': 'symlink' },
    texts: { '/sysroot/y': '', '/y': '' },
  })
  const initramfs = { ...facts, newRoot: '/sysroot' }
  assert.equal(probePlace(inside, initramfs, '/etc/x').path, '/y')
  assert.is(probePlace(inside, initramfs, '/etc/x').code, undefined)
})

test.run()
