import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DeviceSpec } from '../../../src/cmdline/device-spec.ts'
import { parseDeviceSpec } from '../../../src/cmdline/device-spec.ts'
import { locate, probeWithDevice, waitForDevice } from '../../../src/machine/locate.ts'
import type { System } from '../../../src/machine/system.ts'
import { disk, factsOf } from '../facts-of.ts'
import { imageStart } from '../image-start.ts'
import { type Maps, mapSystem } from '../map-system.ts'

const test = suite('locate')

const spec = (text: string) => parseDeviceSpec(text) as DeviceSpec

test('a device is found by its node, by a link, and by what it holds', () => {
  const content = { type: 'ext4', label: 'P', uuid: 'aaaa-bb' } as const
  const links = ['/dev/disk/by-partuuid/12', '/dev/disk/by-label/Q\\x20R', '/dev/mapper/m']
  const facts = factsOf([disk('sda', '8:0'), disk('sdb', '8:16', undefined, { content, links })])
  for (const text of [
    '/dev/sdb',
    '/dev/mapper/m',
    'PARTUUID=12',
    'LABEL=Q R',
    'LABEL=P',
    'UUID=AAAA-BB',
  ]) {
    assert.is(locate(facts, spec(text))?.name, 'sdb', text)
  }
  for (const text of ['/dev/sdc', 'PARTUUID=aaaa-bb', 'LABEL=p', 'UUID=P', 'PARTLABEL=P']) {
    assert.is(locate(facts, spec(text)), undefined, text)
  }
})

test('of a label that two devices show, the one that is not the part of another counts', () => {
  const content = { type: 'ext4', label: 'P' } as const
  const facts = factsOf([
    disk('sda', '8:0', undefined, { content, holders: ['dm-0'] }),
    disk('dm-0', '254:0', undefined, { content }),
  ])
  assert.is(locate(facts, spec('LABEL=P'))?.name, 'dm-0')
})

const LINK = '/dev/disk/by-label/holdfast'
const withUdev: Maps = {
  texts: {
    '/run/udev/control': '',
    '/sys/class/block/sdb/size': '8\n',
    '/sys/class/block/sdb/dev': '8:16\n',
    '/sys/dev/block/8:16/size': '8\n',
  },
  blocks: { '/dev/sdb': '8:16', [LINK]: '8:16', '/dev/vg/lv': '8:16' },
  bytes: { '/dev/sdb': imageStart('ext4', 70000) },
}

test('the device that is meant has its content read, and the path that leads there among its links', () => {
  const facts = probeWithDevice(mapSystem(withUdev), '/sysroot', spec('/dev/vg/lv'))
  const [found] = facts.devices
  assert.equal([found?.content?.type, found?.links], ['ext4', ['/dev/vg/lv']])
  assert.is(locate(facts, spec('/dev/vg/lv'))?.name, 'sdb')
})

test('without udev every device is read for its label', () => {
  const { '/run/udev/control': _, ...texts } = withUdev.texts ?? {}
  const system = mapSystem({ texts, bytes: withUdev.bytes ?? {} })
  const found = probeWithDevice(system, '/', spec('LABEL=nobody')).devices[0]?.content
  assert.is(found?.type, 'ext4')
  const { label } = found ?? {}
  assert.type(label, 'string')
  assert.is(
    locate(probeWithDevice(system, '/', spec(`LABEL=${label}`)), spec(`LABEL=${label}`))?.name,
    'sdb',
  )
})

test('with udev nothing is read for a label whose link is not there yet', () => {
  const read: string[] = []
  const usual = mapSystem(withUdev)
  const system: System = {
    ...usual,
    readBytes: (path) => {
      read.push(path)
      return new Uint8Array()
    },
  }
  probeWithDevice(system, '/', spec('LABEL=other'))
  assert.equal(read, [])
})

/** The device of withUdev, there from that moment. */
function late(fromMs: number): System {
  const system = mapSystem(withUdev)
  const stat = (path: string) => {
    const tooEarly = path === LINK && system.monotonicMs() < fromMs
    return system.stat(tooEarly ? '/none' : path)
  }
  return { ...system, stat }
}

test('a late device is waited for, and that is said once', () => {
  const said: string[] = []
  const system = late(1234)
  const facts = waitForDevice(system, '/', spec('LABEL=holdfast'), 30, (text) => said.push(text))
  assert.is(locate(facts, spec('LABEL=holdfast'))?.name, 'sdb')
  assert.is(system.monotonicMs(), 1300)
  assert.equal(said, ['waiting up to 30 s for LABEL=holdfast'])
})

test('one that is there is not waited for, nor one for which there is no time', () => {
  const never = () => assert.unreachable()
  assert.is(waitForDevice(late(0), '/', spec('LABEL=holdfast'), 30, never).devices.length, 1)
  const system = late(99)
  waitForDevice(system, '/', spec('LABEL=holdfast'), 0, never)
  assert.is(system.monotonicMs(), 0)
})

test('one that does not come is waited for to the end', () => {
  const system = late(1e9)
  const facts = waitForDevice(system, '/', spec('LABEL=holdfast'), 2, () => {})
  assert.is(locate(facts, spec('LABEL=holdfast')), undefined)
  assert.is(system.monotonicMs(), 2000)
})

test.run()
