import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { viewOf } from '../../../src/machine/resolve-inside.ts'
import { formatStep } from '../../../src/plan/print.ts'
import type { StatetabFacts } from '../../../src/stateless/path-facts.ts'
import { planLink } from '../../../src/stateless/plan-links.ts'
import { planState } from '../../../src/stateless/plan-state.ts'
import { probeKept } from '../../../src/stateless/probe-paths.ts'
import { mapSystem } from '../map-system.ts'

const test = suite('stateless: a kept symbolic link')

const link = (more: Partial<StatetabFacts>): StatetabFacts =>
  ({
    entry: { path: '/etc/l', file: 'files', line: 1 },
    path: '/etc/l',
    kind: 'missing',
    writable: false,
    kept: { kind: 'link', path: '/etc/l', target: 'a b' },
    ...more,
  }) as StatetabFacts
const plan = (...entries: StatetabFacts[]) =>
  planState(viewOf('/sysroot'), entries, [], [], false, { hindrance: undefined, deleted: [] })

test('is made again where the root has none or a link, and is no mount', () => {
  for (const facts of [link({}), link({ kind: 'symlink' })]) {
    const { links, mounts, seeds, paths, prepare, shortfalls } = plan(facts)
    assert.equal(links, [{ path: '/etc/l', target: 'a b' }])
    assert.equal([mounts, seeds, paths, prepare, shortfalls], [[], [], [], [], []])
  }
})

test('replaces a link that says something else; one that says the same is left, for the root may be read-only', () => {
  const typed = (found: string | undefined) =>
    planLink(viewOf('/sysroot'), { path: '/etc/l', target: 'a b' }, found).map(formatStep)
  const made = ['mkdir -p /sysroot/etc', 'rm -f /sysroot/etc/l', "ln -s 'a b' /sysroot/etc/l"]
  assert.equal([typed(undefined), typed('other'), typed('a b')], [made, made, []])
})

test('is missed where the root has a file or a folder', () => {
  for (const kind of ['file', 'directory'] as const) {
    const { links, shortfalls } = plan(link({ kind }))
    assert.equal(links, [])
    assert.equal(shortfalls, [
      `files:1: /etc/l is left out: it is a ${kind}, and a symbolic link on the state device`,
    ])
  }
})

test('in a kept folder is kept with that', () => {
  const folder = link({
    entry: { path: '/etc', file: 'files', line: 2 },
    path: '/etc',
    kind: 'directory',
    kept: { kind: 'directory', path: '/etc' },
  })
  assert.equal(plan(link({}), folder).links, [])
})

test('is read and never followed; one on the way to a path makes that unfit', () => {
  const system = mapSystem({
    kinds: { '/s/etc/l': 'symlink', '/s/up': 'symlink', '/s/up/x': 'file' },
    links: { '/s/etc/l': '../../root' },
  })
  assert.equal(probeKept(system, '/s', '/etc/l'), {
    kind: 'link',
    path: '/etc/l',
    target: '../../root',
  })
  assert.equal(probeKept(system, '/s', '/up/x'), { kind: 'unfit', why: '/up is a symlink there' })
})

test.run()
