import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planCopyEnd } from '../../../src/persist/plan-copy.ts'
import { planPersist } from '../../../src/persist/plan-persist.ts'
import { probeReplaced } from '../../../src/persist/probe-replaced.ts'
import { planReturn } from '../../../src/persist/replaced.ts'
import type { StateFacts, WantedPath } from '../../../src/persist/state-facts.ts'
import type { Step } from '../../../src/plan/step.ts'
import { undo } from '../../../src/plan/undo.ts'
import { Device } from '../stateless/kept-files/device.ts'
import { STATE, stateOf, wantedOf } from './state-of.ts'

const test = suite('persist: what fails, or is cut off, loses nothing of what is kept')

/** Two listed files whose mounts were lost, and a folder that nobody lists, on the device; others are seen at their paths. */
const OLD = { '/a': 'old a', '/etc/b': 'old b', '/d/x': 'old x', '/d/sub/y': 'old y' }
const NEW = { '/a': 'new a', '/etc/b': 'new b', '/d/x': 'new x', '/d/z': 'new z' }
const PATHS = ['/a', '/etc/b', '/d/x', '/d/sub/y', '/d/z']

function newDevice(): Device {
  const device = new Device()
  for (const [path, text] of Object.entries(OLD)) device.put(`${STATE}${path}`, text, 1)
  for (const [path, text] of Object.entries(NEW)) device.put(path, text, 2)
  device.put(`${STATE}/files`, '/a\n/etc/b\n', 1)
  return device
}

const wanted: readonly WantedPath[] = [
  wantedOf('/a', { kept: { kind: 'file', path: '/a' } }),
  wantedOf('/d', { kind: 'directory', kept: { kind: 'directory', path: '/d' } }),
  wantedOf('/etc/b', { kept: { kind: 'file', path: '/etc/b' } }),
]

function planAll(): { readonly steps: readonly Step[]; readonly end: readonly Step[] } {
  let state: StateFacts = stateOf(['/a', '/etc/b'])
  const steps = wanted.flatMap((each) => {
    const planned = planPersist(state, each)
    state = planned.state
    return planned.plan.steps
  })
  return { steps, end: planCopyEnd(state) }
}

/** Mounts are not the device's. */
function changesOf(device: Device, step: Step): (() => void)[] {
  return ['bind-mount', 'unmount'].includes(step.kind) ? [] : device.changes(step)
}

function run(device: Device, steps: readonly Step[], budget = Number.POSITIVE_INFINITY): number {
  let changes = 0
  for (const step of steps) {
    for (const change of changesOf(device, step)) {
      if (changes >= budget) return changes
      changes++
      change()
    }
  }
  return changes
}

/** What the device has at the paths, each 'old', 'new' or nothing. */
function kept(device: Device): string {
  return PATHS.map((path) => device.text(`${STATE}${path}`)?.split(' ')[0] ?? '-').join()
}

const ALL_OLD = 'old,old,old,old,-'
const ALL_NEW = 'new,new,new,-,new'

test('whichever step fails, all is as it was', () => {
  const { steps } = planAll()
  for (let done = 0; done <= steps.length; done++) {
    const device = newDevice()
    run(device, steps.slice(0, done))
    const before = steps.slice(0, done).reverse()
    for (const step of before) run(device, undo(step))
    assert.is(kept(device), ALL_OLD, `${done} steps`)
    assert.is(device.text(`${STATE}/files`), '/a\n/etc/b\n')
  }
})

test('whenever the power is cut, the next boot finds of each path the old version or the new one, whole', () => {
  const { steps, end } = planAll()
  const changes = run(newDevice(), [...steps, ...end])
  const found = new Set<string>()
  for (let budget = 0; budget <= changes; budget++) {
    const whole = newDevice()
    run(whole, [...steps, ...end], budget)
    const back = () => planReturn(STATE, probeReplaced(whole.system, STATE))
    // Cut once more, anywhere in what the boot does about it.
    const most = run(newCopy(whole), planReturn(STATE, probeReplaced(whole.system, STATE)))
    for (let second = 0; second <= most; second++) {
      const device = newCopy(whole)
      run(device, back(), second)
      run(device, planReturn(STATE, probeReplaced(device.system, STATE)))
      const [a, x, b, ...rest] = [kept(device).split(',')].flatMap(([a, b, ...d]) => [
        a,
        d.join(),
        b,
      ])
      assert.equal(rest, [])
      assert.ok(
        a !== '-' && b !== '-' && ['old,old,-', 'new,-,new'].includes(x ?? ''),
        kept(device),
      )
      assert.is(probeReplaced(device.system, STATE), undefined)
      found.add(kept(device))
    }
  }
  assert.ok(found.has(ALL_OLD) && found.has(ALL_NEW))
})

function newCopy(device: Device): Device {
  const copy = new Device()
  for (const [path, node] of device.nodes) copy.nodes.set(path, node)
  return copy
}

test('in the end nothing is left of what was replaced', () => {
  const { steps, end } = planAll()
  const device = newDevice()
  run(device, [...steps, ...end])
  assert.is(kept(device), ALL_NEW)
  assert.is(device.text(`${STATE}/files`), '/a\n/etc/b\n/d\n')
  assert.equal(
    [...device.nodes.keys()].filter((path) => path.includes('.holdfast-')),
    [],
  )
})

test('what somebody else has put there is not believed: nothing is renamed to where it must not be', () => {
  const at = `${STATE}/.holdfast-replaced`
  const device = new Device()
  const notes = ['/../../etc/x', 'etc/x', '/', '/a//b', '', '/a/./b', `/${'x'.repeat(1 << 14)}`]
  for (const [index, note] of notes.entries()) {
    device.put(`${at}/${index}`, 'planted', 1)
    device.put(`${at}/${index}.path`, note, 1)
  }
  device.put(`${at}/none`, 'planted', 1)
  device.put(`${at}/link`, 'planted', 1)
  device.mark(`${at}/link.path`, 'symlink')
  device.put(`${at}/through`, 'planted', 1)
  device.put(`${at}/through.path`, '/way/x', 1)
  device.mark(`${STATE}/way`, 'symlink')
  assert.equal(probeReplaced(device.system, STATE), [])
  const linked = new Device()
  linked.mark(at, 'symlink')
  const steps = planReturn(STATE, probeReplaced(linked.system, STATE))
  assert.equal(steps.at(-1), { kind: 'remove-tree', path: at })
  assert.equal(planReturn(STATE, probeReplaced(new Device().system, STATE)), [])
})

test.run()
