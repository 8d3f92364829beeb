import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import { planCopyEnd } from '../../../src/persist/plan-copy.ts'
import { planClean, planUnpersist } from '../../../src/persist/plan-unpersist.ts'
import type { WantedPath } from '../../../src/persist/state-facts.ts'
import { listIn, stateOf, typed, wantedOf } from './state-of.ts'

const test = suite('unpersist: the plan')

const bind = (path: string) => `20 10 8:16 ${path} ${path} rw - ext4 /dev/sdb rw`
const kept = (path: string, neighbours: Record<string, string[]> = {}): WantedPath =>
  wantedOf(path, {
    kept: { kind: 'file', path },
    neighbours: new Map(Object.entries(neighbours)),
  })

test('the line goes before the copy, which is moved where its mount still shows it', () => {
  const { plan, state } = planUnpersist(
    stateOf(['/a/b/c', '/x'], [bind('/a/b/c')], { dropped: ['7'] }),
    kept('/a/b/c', { '/a/b': ['c'], '/a': ['b', 'other'] }),
  )
  assert.is(plan.steps[0]?.kind, 'replace-file')
  assert.is(listIn(plan.steps), '/x\n')
  assert.equal(typed(plan.steps.slice(1)), [
    'mkdir -p S/.holdfast-dropped',
    'mv -f S/a/b/c S/.holdfast-dropped/8',
    'rmdir S/a/b',
  ])
  assert.equal(state.dropped, ['7', '8'])
})

test('a copy that nothing shows is removed, and moved away until all has been done', () => {
  const first = planUnpersist(stateOf(['/a', '/b']), kept('/a'))
  const second = planUnpersist(first.state, kept('/b'))
  const moves = [first, second].flatMap(({ plan }) =>
    typed(plan.steps).filter((line) => line.startsWith('mv -f S/') && !/partial/.test(line)),
  )
  assert.equal(moves, ['mv -f S/a S/.holdfast-replaced/0', 'mv -f S/b S/.holdfast-replaced/1'])
  assert.equal(typed(planCopyEnd(second.state)), [
    'rm -rf --one-file-system S/.holdfast-seed S/.holdfast-replaced',
  ])
})

test('a folder that is empty once all paths are gone goes with the last of them', () => {
  const state = stateOf(['/d/a', '/d/b'], [bind('/d/a'), bind('/d/b').replace('20', '21')])
  const names = { '/d': ['a', 'b'] }
  const first = planUnpersist(state, kept('/d/a', names))
  const second = planUnpersist(first.state, kept('/d/b', names))
  assert.not.match(typed(first.plan.steps).join('\n'), /rmdir/)
  assert.is(typed(second.plan.steps).at(-1), 'rmdir S/d')
  assert.is(listIn(second.plan.steps), '')
})

test('what is kept by the image, or with a folder above, or holds what is kept, is refused', () => {
  const refused = (listed: readonly { path: string; file: string }[], path: string) => {
    const entries = listed.map((each) => ({ ...each, at: each.path, line: 2 }))
    try {
      planUnpersist(stateOf([], [], { entries, listText: '' }), kept(path))
    } catch (error) {
      if (error instanceof RefusedError) return error.message
      throw error
    }
    return 'not refused'
  }
  const [own, image] = ['files', '/etc/statetab.d/x']
  assert.is(
    refused([{ path: '/a', file: image }], '/a'),
    "'/a': listed in /etc/statetab.d/x:2, which is the image's",
  )
  assert.is(refused([{ path: '/a', file: own }], '/a/b'), "'/a/b': kept with /a (files:2)")
  assert.is(
    refused(
      [
        { path: '/a', file: own },
        { path: '/a/b', file: image },
      ],
      '/a',
    ),
    "'/a': /a/b, which lies in it, is listed too (/etc/statetab.d/x:2)",
  )
})

test('what stays kept by another line keeps its copy', () => {
  const state = stateOf(['/a', '/a/b'], [bind('/a')])
  const { plan } = planUnpersist(state, kept('/a/b'))
  assert.equal(plan.reasons, ['/a/b is not listed any more, but is still kept with /a (files:1)'])
  assert.equal(
    plan.steps.map(({ kind }) => kind),
    ['replace-file'],
  )
})

test('what is not listed changes nothing', () => {
  assert.equal(planUnpersist(stateOf(['/a/b']), kept('/b')).plan.steps, [])
  assert.equal(planUnpersist(stateOf([]), kept('/b')).plan.reasons, ['/b is not persisted'])
})

test('what was unpersisted before this boot goes, and nothing that is still shown', () => {
  const { steps } = planClean(stateOf([], [], { dropped: ['1', '2'] }), (name) => name === '2')
  assert.equal(typed(steps), ['rm -rf --one-file-system S/.holdfast-dropped/1'])
})

test.run()
