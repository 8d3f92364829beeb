import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type DeviceSpec,
  formatDeviceSpec,
  parseDeviceSpec,
  udevLink,
} from '../../../src/cmdline/device-spec.ts'

function refusal(text: string): string {
  const spec = parseDeviceSpec(text)
  return 'why' in spec ? spec.why : 'accepted'
}

function link(text: string): string {
  const spec = parseDeviceSpec(text)
  return 'why' in spec ? spec.why : udevLink(spec)
}

const specs: readonly (readonly [string, DeviceSpec])[] = [
  ['/dev/sdb', { kind: 'path', path: '/dev/sdb' }],
  ['/dev/mapper/vg-lv', { kind: 'path', path: '/dev/mapper/vg-lv' }],
  ['LABEL=PERSIST', { kind: 'label', value: 'PERSIST' }],
  ['LABEL=My Disk/2', { kind: 'label', value: 'My Disk/2' }],
  ['UUID=12AB-34CD', { kind: 'uuid', value: '12AB-34CD' }],
  ['PARTLABEL=a=b', { kind: 'partlabel', value: 'a=b' }],
  ['PARTUUID=1234-02', { kind: 'partuuid', value: '1234-02' }],
]

for (const [text, spec] of specs) {
  test(`${text} is read, and written as it was`, () => {
    assert.equal(parseDeviceSpec(text), spec)
    assert.is(formatDeviceSpec(spec), text)
  })
}

test('CDLABEL is a label', () => {
  assert.equal(parseDeviceSpec('CDLABEL=LIVE'), { kind: 'label', value: 'LIVE' })
})

test('quotes around the value of a tag are dropped', () => {
  assert.equal(parseDeviceSpec('LABEL="My Disk"'), { kind: 'label', value: 'My Disk' })
  assert.equal(parseDeviceSpec("LABEL='My Disk'"), { kind: 'label', value: 'My Disk' })
  assert.equal(parseDeviceSpec('LABEL="'), { kind: 'label', value: '"' })
})

test('slashes and dots that say nothing are dropped from a path', () => {
  assert.equal(parseDeviceSpec('/dev//./sdb/'), { kind: 'path', path: '/dev/sdb' })
})

test('what is not a device is refused, saying what to write', () => {
  for (const text of ['sdb', '', '/', '/dev', '/dev/', '/devx', '/etc/passwd', 'true', 'label=x']) {
    assert.match(refusal(text), /write a path below \/dev\/, LABEL=/)
  }
  assert.match(refusal('sdb1'), 'perhaps /dev/sdb1')
  assert.not.match(refusal('true'), 'perhaps')
  assert.match(refusal('constructor=x'), "'constructor=' is not a way to name a device")
})

test('a path that climbs and a control character are refused', () => {
  assert.match(refusal('/dev/../etc/passwd'), "climbs with '..'")
  assert.match(refusal('/dev/sd\u0000b'), 'control character')
  assert.match(refusal('LABEL=a\nb'), 'control character')
  assert.match(refusal('LABEL='), 'names nothing')
  assert.match(refusal('UUID=""'), 'names nothing')
})

test('udev links are encoded as udev does it', () => {
  assert.is(link('LABEL=My Disk'), '/dev/disk/by-label/My\\x20Disk')
  assert.is(link('LABEL=a/b\\c(d)'), '/dev/disk/by-label/a\\x2fb\\x5cc\\x28d\\x29')
  assert.is(link('LABEL=#+-.:=@_'), '/dev/disk/by-label/#+-.:=@_')
  assert.is(link('PARTLABEL=Käse 日本 😀'), '/dev/disk/by-partlabel/Käse\\x20日本\\x20😀')
  assert.is(link('/dev/disk/by-label/My\\x20Disk'), '/dev/disk/by-label/My\\x20Disk')
})

test('identifiers are looked for in the case in which udev links them', () => {
  assert.is(
    link('UUID=0A1B2C3D-0000-4000-8000-00000000ABCD'),
    '/dev/disk/by-uuid/0a1b2c3d-0000-4000-8000-00000000abcd',
  )
  assert.is(link('UUID=12ab-34cd'), '/dev/disk/by-uuid/12AB-34CD')
  assert.is(link('UUID=01d9e0aabbccddee'), '/dev/disk/by-uuid/01D9E0AABBCCDDEE')
  assert.is(link('UUID=2024-01-02-03-04-05-00'), '/dev/disk/by-uuid/2024-01-02-03-04-05-00')
  assert.is(link('PARTUUID=ABCD1234-02'), '/dev/disk/by-partuuid/abcd1234-02')
})

test.run()
