import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Step } from '../../../../src/plan/step.ts'
import { filesPlaces } from '../../../../src/stateless/kept-files/places.ts'
import { planFill } from '../../../../src/stateless/kept-files/plan-fill.ts'
import { planHarvest } from '../../../../src/stateless/kept-files/plan-harvest.ts'
import { planLayers } from '../../../../src/stateless/kept-files/plan-layers.ts'
import { planRecord } from '../../../../src/stateless/kept-files/plan-mounts.ts'
import { probeHarvest } from '../../../../src/stateless/kept-files/probe-harvest.ts'
import { probeListed, probeVersions } from '../../../../src/stateless/kept-files/probe-layers.ts'
import type { Place } from '../../../../src/stateless/kept-files/record.ts'
import { Device, STATE } from './device.ts'

/** The length at which a file is linked, not copied. */
const LONG = 'x'.repeat((1 << 20) + 1)

const IMAGE = '/image'
const LISTED = ['/etc/shadow', '/etc/ssh/key', '/etc/long', '/srv/only', '/var/lib/a/b']
const PLACES: Place[] = LISTED.map((path) => ({ path, kept: path }))

/** A machine whose state device has all listed files, and whose image has all but /srv/only. */
function newDevice(): Device {
  const device = new Device()
  for (const folder of ['/etc/ssh', '/srv', '/var/lib/a']) device.makeFolders(`${IMAGE}${folder}`)
  for (const path of LISTED) {
    if (path !== '/srv/only') device.put(`${IMAGE}${path}`, 'image', 1)
    device.put(`${STATE}${path}`, path === '/etc/long' ? LONG : `first ${path}`, 10)
  }
  device.put(`${IMAGE}/etc/other`, 'image', 1)
  return device
}

/** All changes that a boot makes to the device, until `budget` of them are made: then the power is cut. */
class PowerCut extends Error {}

interface Booted {
  readonly layer: string
  readonly changes: number
}

function boot(device: Device, budget = Number.POSITIVE_INFINITY): Booted {
  let changes = 0
  const run = (steps: readonly Step[]) => {
    for (const step of steps) {
      for (const change of device.changes(step)) {
        if (changes >= budget) throw new PowerCut()
        changes++
        change()
      }
    }
  }
  const facts = probeHarvest(device.system, STATE)
  if (facts.kind === 'unfit') throw new Error(facts.why)
  const harvest = facts.kind === 'record' ? planHarvest(STATE, facts) : undefined
  run(harvest?.steps ?? [])
  const view = (path: string) => `${IMAGE}${path}`
  const gone = new Set(harvest?.deleted.map(({ path }) => path))
  const kept = PLACES.filter(({ path }) => !gone.has(path))
  for (const { path } of kept) {
    if (device.text(`${STATE}${path}`) === undefined) throw new Error(`${path} is lost`)
  }
  const listed = probeListed(device.system, view, STATE, kept)
  const deleted = probeListed(device.system, view, STATE, harvest?.deleted ?? [])
  const { folders } = planLayers(view, listed, deleted, [])
  const { layer } = filesPlaces(STATE)
  run(planFill(STATE, folders, []))
  for (const { folder } of folders) device.makeFolders(`${layer}${folder}`)
  const versions = probeVersions(device.system, STATE, folders)
  run(planRecord(STATE, folders, versions, undefined))
  return { layer, changes }
}

/** What the root shows at a path: the layer's, or else the image's. */
function seen(device: Device, layer: string, path: string): string | undefined {
  const record = device.text(filesPlaces(STATE).record) ?? ''
  const deleted = JSON.parse(record).deleted.map((place: Place) => place.path)
  if (deleted.includes(path)) return undefined
  return device.text(`${layer}${path}`) ?? device.text(`${IMAGE}${path}`)
}

interface Change {
  readonly what: string
  readonly make: (device: Device, layer: string) => void
  readonly expect: Readonly<Record<string, string | undefined>>
}

const CHANGES: readonly Change[] = [
  {
    what: 'a file is renamed over',
    make: (device, layer) => device.put(`${layer}/etc/shadow`, 'new', 20),
    expect: { '/etc/shadow': 'new' },
  },
  {
    what: 'a file is written in place, its length and its second as they were',
    make: (device, layer) => device.write(`${layer}/etc/ssh/key`, 'FIRST /etc/ssh/key', 10),
    expect: { '/etc/ssh/key': 'FIRST /etc/ssh/key' },
  },
  {
    what: 'a file is deleted, and one that the image lacks, and a folder with one',
    make: (device, layer) => {
      device.mark(`${layer}/etc/shadow`, 'whiteout')
      device.removeTree(`${layer}/srv/only`)
      device.mark(`${layer}/etc/ssh`, 'whiteout')
    },
    expect: { '/etc/shadow': undefined, '/srv/only': undefined, '/etc/ssh/key': undefined },
  },
  {
    what: 'a folder is deleted and made anew without the file',
    make: (device, layer) => {
      device.removeTree(`${layer}/etc/ssh`)
      device.makeFolders(`${layer}/etc/ssh`)
    },
    expect: { '/etc/ssh/key': undefined },
  },
  {
    what: 'a long file is written to, another time deleted',
    make: (device, layer) => device.write(`${layer}/etc/long`, `${LONG}y`, 20),
    expect: { '/etc/long': `${LONG}y` },
  },
  {
    what: 'a long file is written to and then deleted',
    make: (device, layer) => {
      device.write(`${layer}/etc/long`, `${LONG}y`, 20)
      device.mark(`${layer}/etc/long`, 'whiteout')
    },
    expect: { '/etc/long': undefined },
  },
  {
    what: 'what no list has comes and goes',
    make: (device, layer) => {
      device.put(`${layer}/etc/new`, 'new', 20)
      device.mark(`${layer}/etc/other`, 'whiteout')
    },
    expect: { '/etc/new': undefined, '/etc/other': 'image' },
  },
  {
    what: 'a file becomes a link: its last content stays',
    make: (device, layer) => device.mark(`${layer}/etc/shadow`, 'symlink'),
    expect: { '/etc/shadow': 'first /etc/shadow' },
  },
  {
    what: 'the layer is removed by hand',
    make: (device, layer) => device.removeTree(layer),
    expect: { '/etc/shadow': 'first /etc/shadow', '/srv/only': 'first /srv/only' },
  },
  {
    what: 'a rescue system replaces a file on the device',
    make: (device) => device.put(`${STATE}/etc/shadow`, 'rescued', 30),
    expect: { '/etc/shadow': 'rescued' },
  },
  {
    what: 'a rescue system writes into a file of the device',
    make: (device) => device.write(`${STATE}/etc/shadow`, 'rescued', 30),
    expect: { '/etc/shadow': 'rescued' },
  },
  {
    what: 'the root changes a file, and later a rescue system does',
    make: (device, layer) => {
      device.put(`${layer}/etc/shadow`, 'new', 20)
      device.put(`${STATE}/etc/shadow`, 'rescued', 30)
    },
    expect: { '/etc/shadow': 'rescued' },
  },
  {
    what: 'a backup of the running machine is put back: other inodes, the same times',
    make: (device, layer) => {
      device.put(`${layer}/etc/shadow`, 'new', 20)
      device.put(`${STATE}/etc/shadow`, 'first /etc/shadow', 10)
    },
    expect: { '/etc/shadow': 'new' },
  },
  {
    what: 'a rescue system puts an older version of a file on the device',
    make: (device) => device.put(`${STATE}/etc/shadow`, 'older', 5),
    expect: { '/etc/shadow': 'older' },
  },
  {
    what: 'a file is removed from the device',
    make: (device, layer) => {
      device.put(`${layer}/etc/shadow`, 'new', 20)
      device.removeTree(`${STATE}/etc/shadow`)
    },
    expect: { '/etc/shadow': 'new' },
  },
]

for (const { what, make, expect } of CHANGES) {
  test(`whenever the power is cut in the next boot, nothing listed is lost and nothing else kept: ${what}`, () => {
    const prepare = () => {
      const device = newDevice()
      make(device, boot(device).layer)
      return device
    }
    const { changes } = boot(prepare())
    for (let budget = 0; budget <= changes; budget++) {
      const device = prepare()
      cutAfter(device, budget)
      // Once more with a second cut at the same place: what a first harvest left is harvested again.
      cutAfter(device, budget)
      const { layer } = boot(device)
      for (const path of LISTED) {
        const kept = path === '/etc/long' ? LONG : `first ${path}`
        const expected = path in expect ? expect[path] : kept
        assert.is(
          seen(device, layer, path)?.slice(-60),
          expected?.slice(-60),
          `${path} after ${budget} changes`,
        )
      }
      for (const path of Object.keys(expect)) assert.is(seen(device, layer, path), expect[path])
    }
  })
}

function cutAfter(device: Device, budget: number): void {
  try {
    boot(device, budget)
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
}

test('a deletion holds over further boots, until the file is made anew or lies on the device again', () => {
  const device = newDevice()
  const first = boot(device)
  device.mark(`${first.layer}/etc/shadow`, 'whiteout')
  device.mark(`${first.layer}/etc/ssh/key`, 'whiteout')
  let { layer } = boot(device)
  for (let boots = 0; boots < 3; boots++) {
    assert.is(seen(device, layer, '/etc/shadow'), undefined)
    layer = boot(device).layer
  }
  device.put(`${layer}/etc/shadow`, 'anew', 40)
  device.put(`${STATE}/etc/ssh/key`, 'put there', 40)
  layer = boot(device).layer
  assert.is(seen(device, layer, '/etc/shadow'), 'anew')
  assert.is(seen(device, layer, '/etc/ssh/key'), 'put there')
})

const RUNS = 200
const ROUNDS = 5

/** Numbers from 0 up to 1, the same for the same seed (Park and Miller). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

/** What programs do to a listed file; gives its content after it. */
const DEEDS: readonly ((device: Device, at: string, text: string) => string | undefined)[] = [
  (device, at, text) => {
    device.put(at, text, 1000 - text.length)
    return text
  },
  (device, at, text) => {
    if (device.text(at) === undefined) device.put(at, text, 5)
    else device.write(at, text, 5)
    return text
  },
  (device, at) => {
    device.mark(at, 'whiteout')
    return undefined
  },
  (device, at) => {
    device.removeTree(at)
    return undefined
  },
]

test(`${RUNS} machines by chance: whatever is done in the root, and however often the power is cut, it is seen after`, () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const next = chance(seed)
    const pick = <T>(items: readonly T[]) => items[Math.floor(next() * items.length)] as T
    const device = newDevice()
    const expected = new Map<string, string | undefined>()
    for (const path of LISTED) expected.set(path, device.text(`${STATE}${path}`))
    let { layer, changes } = boot(device)
    for (let round = 0; round < ROUNDS; round++) {
      for (let deeds = Math.floor(next() * 6); deeds > 0; deeds--) {
        const path = pick(LISTED)
        const text = next() < 0.1 ? `${LONG}${next()}` : `${next()}`
        expected.set(path, pick(DEEDS)(device, `${layer}${path}`, text))
        device.put(`${layer}/etc/unlisted`, text, 20)
      }
      for (let cuts = Math.floor(next() * 4); cuts > 0; cuts--) {
        cutAfter(device, Math.floor(next() * (changes + 10)))
      }
      const booted = boot(device)
      layer = booted.layer
      changes = booted.changes
      for (const [path, text] of expected) {
        assert.is(
          seen(device, layer, path)?.slice(-40),
          text?.slice(-40),
          `${path}, seed ${seed}, round ${round}`,
        )
      }
      assert.is(seen(device, layer, '/etc/unlisted'), undefined)
    }
  }
})

test.run()
