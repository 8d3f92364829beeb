import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatDeviceSpec } from '../../../src/cmdline/device-spec.ts'
import { formatStoreSpec, parseStoreSpec } from '../../../src/cmdline/store-spec.ts'

const BY_PATH = '/dev/disk/by-path/pci-0000:00:1f.2-ata-1'

/** What is typed, the device that it names, and the path; undefined is auto. */
const stores: readonly (readonly [string, string, string | undefined])[] = [
  ['/dev/sdb:/f.img', '/dev/sdb', '/f.img'],
  ['LABEL=P:/f.img', 'LABEL=P', '/f.img'],
  ['UUID=12-34:/f.img', 'UUID=12-34', '/f.img'],
  ['PARTLABEL=P:/f.img', 'PARTLABEL=P', '/f.img'],
  ['PARTUUID=12-34:/f.img', 'PARTUUID=12-34', '/f.img'],
  ['LABEL=My Disk/2:/f.img', 'LABEL=My Disk/2', '/f.img'],
  ['LABEL="My Disk":/f.img', 'LABEL=My Disk', '/f.img'],
  ['/dev/sdb:persist.img', '/dev/sdb', '/persist.img'],
  ['/dev/sdb:a/b', '/dev/sdb', '/a/b'],
  ['/dev/sdb:/a b/c d.img', '/dev/sdb', '/a b/c d.img'],
  ['/dev/sdb://a///b/', '/dev/sdb', '/a/b'],
  ['/dev/sdb:auto', '/dev/sdb', undefined],
  ['/dev/sdb:', '/dev/sdb', undefined],
  ['/dev/sdb', '/dev/sdb', undefined],
  ['LABEL=P', 'LABEL=P', undefined],
  ['UUID=12-34:auto', 'UUID=12-34', undefined],
  ['/dev/sdb:/auto', '/dev/sdb', '/auto'],
  ['/dev/sdb:/x:auto', '/dev/sdb', '/x:auto'],
  ['/dev/sdb:/a:/b', '/dev/sdb', '/a:/b'],
  ['/dev/sdb:/..a/b..', '/dev/sdb', '/..a/b..'],
]

const withColons: readonly (readonly [string, string, string | undefined])[] = [
  [`${BY_PATH}:/x`, BY_PATH, '/x'],
  [`${BY_PATH}:auto`, BY_PATH, undefined],
  [`${BY_PATH}:`, BY_PATH, undefined],
  [BY_PATH, BY_PATH, undefined],
  ['/dev/disk/by-id/usb-A_B-0:0', '/dev/disk/by-id/usb-A_B-0:0', undefined],
  ['/dev/disk/by-uuid/12-34:x.img', '/dev/disk/by-uuid/12-34', '/x.img'],
  ['LABEL=a:b:/x', 'LABEL=a:b', '/x'],
  ['LABEL=a:b:', 'LABEL=a:b', undefined],
  ['LABEL=a:b:x', 'LABEL=a:b', '/x'],
  // As in dracut: without a slash there is no telling, and the colon begins the path.
  ['LABEL=a:b', 'LABEL=a', '/b'],
]

for (const [text, device, path] of [...stores, ...withColons]) {
  test(`${text} is ${path ?? 'auto'} on ${device}`, () => {
    const spec = parseStoreSpec(text)
    if ('why' in spec) return assert.unreachable(spec.why)
    assert.is(formatDeviceSpec(spec.device), device)
    assert.is(spec.path, path)
    assert.equal(parseStoreSpec(formatStoreSpec(spec)), spec)
  })
}

const refused: readonly (readonly [string, string])[] = [
  ['/dev/sdb:/../x', "climbs with '..'"],
  ['/dev/sdb:..', "climbs with '..'"],
  ['/dev/sdb:/a/../../x', "climbs with '..'"],
  ['/dev/../etc:/x', "climbs with '..'"],
  ['/dev/sdb:/a\nb', 'control character'],
  ['/dev/sdb:/a\u0000b', 'control character'],
  ['/dev/sdb:/', 'names no file'],
  ['/dev/sdb:/./', 'names no file'],
  [':/x', 'no device is named'],
  ['', 'no device is named'],
  ['sdb:/x', 'perhaps /dev/sdb'],
  ['/mnt/x.img', 'is not a device'],
  ['LABEL=:/x', 'names nothing'],
]

for (const [text, why] of refused) {
  test(`${JSON.stringify(text)} is refused: ${why}`, () => {
    const spec = parseStoreSpec(text)
    assert.match('why' in spec ? spec.why : 'accepted', why)
  })
}

test('a store is written as DEVICE:PATH', () => {
  assert.is(formatStoreSpec({ device: { kind: 'label', value: 'P' }, path: '/x' }), 'LABEL=P:/x')
  assert.is(
    formatStoreSpec({ device: { kind: 'path', path: '/dev/sdb' }, path: undefined }),
    '/dev/sdb:auto',
  )
})

test.run()
