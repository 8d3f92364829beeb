import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { giveBack } from '../../../src/persist/give-back.ts'
import { planCopyEnd } from '../../../src/persist/plan-copy.ts'
import { planPersist } from '../../../src/persist/plan-persist.ts'
import { probeReplaced } from '../../../src/persist/probe-replaced.ts'
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

/** What a boot does about what was cut off; `said` gets what cannot be done. */
function bringBack(device: Device, budget = Number.POSITIVE_INFINITY, said: string[] = []): number {
  let changes = 0
  const attempt = (steps: readonly Step[]) => {
    try {
      changes += run(device, steps, budget - changes)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }
  const end = giveBack(device.system, STATE, { attempt, miss: (text) => said.push(text) })
  return changes + run(device, end, budget - changes)
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
    // Cut once more, anywhere in what the boot does about it.
    const most = bringBack(newCopy(whole))
    for (let second = 0; second <= most; second++) {
      const device = newCopy(whole)
      bringBack(device, second)
      bringBack(device)
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
  bringBack(linked)
  assert.not(linked.nodes.has(at))
  assert.is(bringBack(new Device()), 0)
})

/** Of things moved away, by name, the text and where they were. */
function newMoved(moved: Record<string, readonly [text: string, path: string]>): Device {
  const device = new Device()
  for (const [name, [text, path]] of Object.entries(moved)) {
    if (text !== '') device.put(`${STATE}/.holdfast-replaced/${name}`, text, 1)
    device.put(`${STATE}/.holdfast-replaced/${name.split('/')[0]}.path`, path, 1)
  }
  return device
}

test('what was moved away twice, or out of what was moved away, hinders nothing', () => {
  const said: string[] = []
  const device = newMoved({
    0: ['inner', '/a/b'],
    1: ['hidden', '/a/c'],
    '2/c': ['outer', '/a'],
    3: ['second', '/a'],
  })
  bringBack(device, undefined, said)
  assert.equal(said, [])
  assert.equal([device.text(`${STATE}/a/b`), device.text(`${STATE}/a/c`)], ['inner', 'outer'])
  assert.not(device.nodes.has(`${STATE}/.holdfast-replaced`))
})

test('nothing is put through a link that comes back', () => {
  const device = newMoved({ 0: ['planted', '/a/b'], 1: ['', '/a'] })
  device.mark(`${STATE}/.holdfast-replaced/1`, 'symlink')
  bringBack(device)
  assert.is(device.nodes.get(`${STATE}/a`)?.kind, 'symlink')
  assert.not(device.nodes.has(`${STATE}/a/b`))
})

test('what cannot get its name back takes nothing with it, is said, and kept out of the way', () => {
  const said: string[] = []
  const device = newMoved({
    '0/f': ['stuck', '/.holdfast-replaced/0/x'],
    1: ['free', '/z'],
  })
  device.put(`${STATE}/.holdfast-replaced-1`, 'older', 1)
  bringBack(device, undefined, said)
  assert.match(said[0] ?? '', /^\/.holdfast-replaced\/0\/x: /)
  assert.is(
    said[1],
    'what has not got its name back is in .holdfast-replaced-2 of the state file system',
  )
  assert.is(device.text(`${STATE}/.holdfast-replaced-2/0/f`), 'stuck')
  assert.is(device.text(`${STATE}/z`), 'free')
  assert.is(bringBack(device, undefined, said), 0)
  assert.is(said.length, 2)
})

test.run()
