import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SystemError } from '../../../../src/machine/system.ts'
import type { Step } from '../../../../src/plan/step.ts'
import { filesPlaces } from '../../../../src/stateless/kept-files/places.ts'
import { planFill } from '../../../../src/stateless/kept-files/plan-fill.ts'
import { planHarvest } from '../../../../src/stateless/kept-files/plan-harvest.ts'
import { planRecord } from '../../../../src/stateless/kept-files/plan-mounts.ts'
import { probeHarvest } from '../../../../src/stateless/kept-files/probe-harvest.ts'
import { probePlaces, probeVersions } from '../../../../src/stateless/kept-files/probe-layers.ts'
import { probeCarries, probeRecord } from '../../../../src/stateless/kept-files/probe-record.ts'
import { planState, type StatePlan } from '../../../../src/stateless/plan-state.ts'
import { probeStatetabPath } from '../../../../src/stateless/probe-paths.ts'
import { Device, STATE } from './device.ts'

const IMAGE = '/image'
const view = (path: string) => `${IMAGE}${path}`
const { layer: LAYER, aside: ASIDE, record: RECORD } = filesPlaces(STATE)
/** Of these the image has passwd alone, and nothing has a layer but /etc. */
const LISTED = ['/etc/passwd', '/etc/key', '/etc/new/deep/key', '/etc/app', '/etc/link', '/srv/no']

function newDevice(): Device {
  const device = new Device()
  device.makeFolders(`${IMAGE}/srv`)
  device.put(`${IMAGE}/etc/passwd`, 'image', 1)
  device.put(`${STATE}/etc/passwd`, 'kept', 10)
  return device
}

class PowerCut extends Error {}

interface Booted {
  readonly plan: StatePlan
  readonly harvest: readonly Step[]
  readonly remarks: readonly string[]
  readonly changes: number
}

/** A boot of that device, until `budget` changes are made: then the power is cut. */
function boot(device: Device, budget = Number.POSITIVE_INFINITY): Booted {
  let changes = 0
  const run = (steps: readonly Step[]) => {
    for (const change of steps.flatMap((step) => device.changes(step))) {
      if (changes++ >= budget) throw new PowerCut()
      change()
    }
  }
  const facts = probeHarvest(device.system, STATE)
  if (facts.kind === 'unfit') throw new Error(facts.why)
  const harvest =
    facts.kind === 'record'
      ? planHarvest(STATE, facts)
      : { steps: [], deleted: [], remarks: [] as string[] }
  run(harvest.steps)
  const entries = LISTED.map((path, index) => {
    const entry = { path, file: '/etc/statetab', line: index + 1 }
    return probeStatetabPath(device.system, view, entry, () => false, STATE)
  })
  const asked = { hindrance: undefined, deleted: harvest.deleted }
  const plan = planState(view, entries, [], [], false, asked)
  for (const path of plan.seeds) device.put(`${STATE}${path}`, 'image', 1)
  const places = probePlaces(device.system, STATE, plan.layers)
  for (const step of planFill(STATE, plan.layers, places)) run([step])
  for (const { folder } of plan.layers) device.makeFolders(`${LAYER}${folder}`)
  run(planRecord(STATE, plan.layers, probeVersions(device.system, STATE, plan.layers), undefined))
  return { plan, harvest: harvest.steps, remarks: harvest.remarks, changes }
}

/** What the root shows at a path after the boot: a text, or what else is there. */
function seen(device: Device, { plan }: Booted, path: string): string | undefined {
  const { record } = probeRecord(device.system, STATE) ?? {}
  if (record?.deleted.some((place) => place.path === path)) return undefined
  if (plan.links.some((link) => link.path === path)) return 'a link'
  const isBound = plan.mounts.some((mount) => mount.type === 'none' && path.startsWith(mount.path))
  if (isBound) return device.text(`${STATE}${path}`)
  return device.text(`${LAYER}${path}`) ?? device.text(view(path))
}

type Seen = Readonly<Record<string, string | undefined>>
type Case = readonly [what: string, make: (device: Device) => void, expect: Seen]

const CASES: readonly Case[] = [
  ['nothing is made', () => {}, {}],
  [
    'a file is made, and one beside it that no list has',
    (device) => {
      device.put(`${LAYER}/etc/key`, 'key', 20)
      device.put(`${LAYER}/etc/other`, 'other', 20)
    },
    { '/etc/key': 'key', '/etc/other': undefined },
  ],
  [
    'a file is made in folders that are new, and one beside it',
    (device) => {
      device.put(`${LAYER}/etc/new/deep/key`, 'key', 20)
      device.put(`${LAYER}/etc/new/deep/other`, 'other', 20)
    },
    { '/etc/new/deep/key': 'key', '/etc/new/deep/other': undefined },
  ],
  [
    'a folder is made: it is taken whole',
    (device) => {
      device.put(`${LAYER}/etc/app/a`, 'a', 20)
      device.put(`${LAYER}/etc/app/sub/b`, 'b', 20)
    },
    { '/etc/app/a': 'a', '/etc/app/sub/b': 'b' },
  ],
  [
    'a folder is made in place of a file',
    (device) => device.put(`${LAYER}/etc/key/x`, 'x', 20),
    { '/etc/key/x': 'x' },
  ],
  [
    'a link is made',
    (device) => device.mark(`${LAYER}/etc/link`, 'symlink'),
    { '/etc/link': 'a link' },
  ],
  [
    'a link is made on the way: nothing is taken through it',
    (device) => {
      device.put('/elsewhere/deep/key', 'elsewhere', 20)
      device.mark(`${LAYER}/etc/new`, 'symlink')
    },
    { '/etc/new/deep/key': undefined },
  ],
  [
    'what is made is deleted again',
    (device) => device.mark(`${LAYER}/etc/key`, 'whiteout'),
    { '/etc/key': undefined },
  ],
  [
    'a later image brings the file',
    (device) => device.put(view('/etc/key'), 'image', 1),
    { '/etc/key': 'image' },
  ],
  [
    'a later image brings the file, and another one was made',
    (device) => {
      device.put(view('/etc/key'), 'image', 1)
      device.put(`${LAYER}/etc/key`, 'key', 20)
    },
    { '/etc/key': 'key' },
  ],
  [
    'a rescue system puts a later file on the device',
    (device) => {
      device.put(`${LAYER}/etc/key`, 'key', 20)
      device.put(`${STATE}/etc/key`, 'rescued', 30)
    },
    { '/etc/key': 'rescued' },
  ],
  [
    'a rescue system has put an earlier file on the device',
    (device) => {
      device.put(`${LAYER}/etc/key`, 'key', 20)
      device.put(`${STATE}/etc/key`, 'rescued', 5)
    },
    { '/etc/key': 'key' },
  ],
  [
    'a rescue system puts a folder on the device, where one was made: the device counts',
    (device) => {
      device.put(`${LAYER}/etc/app/a`, 'made', 20)
      device.put(`${STATE}/etc/app/a`, 'rescued', 5)
    },
    { '/etc/app/a': 'rescued' },
  ],
]

for (const [what, make, expect] of CASES) {
  test(`whenever the power is cut in the next boot, what was made at a listed path is kept: ${what}`, () => {
    const prepare = () => {
      const device = newDevice()
      boot(device)
      make(device)
      return device
    }
    const { changes } = boot(prepare())
    for (let budget = 0; budget <= changes; budget++) {
      const device = prepare()
      for (const _ of ['a cut', 'a second one at the same place']) cutAfter(device, budget)
      for (const _ of ['the boot after it', 'and the one after that']) {
        const booted = boot(device)
        const wanted = { '/etc/passwd': 'kept', '/etc/key': undefined, ...expect }
        for (const [path, text] of Object.entries(wanted)) {
          assert.is(seen(device, booted, path), text, `${path} after ${budget} changes`)
        }
      }
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

test('what was made, kept, and is deleted then stays deleted, also where an image has it by then', () => {
  const device = newDevice()
  boot(device)
  device.put(`${LAYER}/etc/key`, 'key', 20)
  boot(device)
  device.mark(`${LAYER}/etc/key`, 'whiteout')
  device.put(view('/etc/key'), 'image', 1)
  for (let boots = 0; boots < 3; boots++) {
    const booted = boot(device)
    assert.is(seen(device, booted, '/etc/key'), undefined)
  }
  device.put(`${LAYER}/etc/key`, 'anew', 40)
  assert.is(seen(device, boot(device), '/etc/key'), 'anew')
})

test('of two versions that are no files the one that lost is kept aside, whatever lies there', () => {
  const device = newDevice()
  boot(device)
  device.put(`${LAYER}/etc/app/a`, 'made', 20)
  device.put(`${STATE}/etc/app/a`, 'rescued', 5)
  device.put(`${ASIDE}/etc%2Fapp/of/an/earlier/time`, 'older', 1)
  const { remarks } = boot(device)
  assert.match(remarks.join(), '/etc/app was changed in the root and on the state device')
  assert.is(device.text(`${ASIDE}/etc%2Fapp/a`), 'made')
})

test('folders that are new get their modes on the device before anything lies in them', () => {
  const device = newDevice()
  boot(device)
  device.put(`${LAYER}/etc/new/deep/key`, 'key', 20)
  const { harvest, remarks } = boot(device)
  const made = harvest.findIndex(({ kind }) => kind === 'make-directories')
  assert.equal(harvest[made], {
    kind: 'make-directories',
    mode: 0o755,
    uid: 0,
    gid: 0,
    paths: [`${STATE}/etc/new`, `${STATE}/etc/new/deep`],
  })
  assert.ok(made < harvest.findIndex(({ kind }) => kind === 'rename-file'))
  assert.equal(remarks, ['/etc/new/deep/key was made, and is kept'])
})

test('what is in a folder that is taken is not said to be lost', () => {
  const device = newDevice()
  boot(device)
  device.put(`${LAYER}/etc/app/sub/b`, 'b', 20)
  device.put(`${LAYER}/etc/other`, 'other', 20)
  const { remarks, plan } = boot(device)
  assert.equal(
    plan.layers.flatMap(({ places }) => places.map(({ path }) => path)),
    ['/etc/app'],
  )
  assert.is(remarks[0], '/etc/app was made, and is kept')
  assert.match(remarks[1] ?? '', /^1 files beside kept ones/)
})

test('a boot says of a listed path that is not there whether what is made there is kept', () => {
  const { plan } = boot(newDevice())
  const words = plan.remarks.filter((remark) => /key|no/.test(remark))
  assert.match(
    words.join('\n'),
    /statetab:2: \/etc\/key is not there yet: what is made there is kept/,
  )
  assert.match(
    words.join('\n'),
    /statetab:6: \/srv\/no is left out: .* does not go to the state device/,
  )
})

test('the record says what of the layers the next boot takes, and nothing else is', () => {
  const device = newDevice()
  boot(device)
  const carries = probeCarries(device.system, STATE)
  for (const path of ['/etc/passwd', '/etc/key', '/etc/app/sub/x']) assert.ok(carries(path, 'file'))
  for (const kind of ['directory', 'symlink', 'missing'] as const)
    assert.ok(carries('/etc/app', kind))
  assert.ok(carries('/etc/app/pipe', 'fifo'))
  assert.not(carries('/etc/app', 'fifo'))
  assert.not(carries('/etc/passwd', 'symlink'))
  for (const path of ['/etc', '/etc/other', '/srv/no']) assert.not(carries(path, 'file'))
  device.removeTree(RECORD)
  assert.is(probeCarries(device.system, STATE)('/etc/passwd', 'file'), false)
})

test('who may not look at the record is not told that nothing is in it', () => {
  const device = newDevice()
  boot(device)
  const lstat = (path: string) => {
    if (path.startsWith(`${STATE}/.holdfast/`)) throw new SystemError('EACCES', 'stat', path)
    return device.system.lstat(path)
  }
  assert.is(probeCarries({ ...device.system, lstat }, STATE)('/etc/passwd', 'file'), undefined)
})

test.run()
