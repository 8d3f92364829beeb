import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RefusedError } from '../../../src/errors.ts'
import { planPersist } from '../../../src/persist/plan-persist.ts'
import type { StateFacts, WantedPath } from '../../../src/persist/state-facts.ts'
import { formatStep } from '../../../src/plan/print.ts'
import { listIn, STATE, stateOf, typed, wantedOf } from './state-of.ts'

const test = suite('persist: the plan')

const FOLDER = { kind: 'directory' } as const
const plan = (state: StateFacts, wanted: WantedPath) => planPersist(state, wanted).plan
const refused = (state: StateFacts, wanted: WantedPath): string => {
  try {
    planPersist(state, wanted)
  } catch (error) {
    if (error instanceof RefusedError) return error.message
    throw error
  }
  return 'not refused'
}

test('the copy is on the disk before the list names it, and the list before it is mounted', () => {
  const { steps } = plan(
    stateOf([]),
    wantedOf('/etc/a', { kept: { kind: 'missing', top: '/etc' } }),
  )
  assert.equal(
    steps.map(({ kind }) => kind),
    [
      ...['remove-tree', 'make-directory', 'copy-trees', 'sync-file-system', 'rename-file'],
      ...['sync-file-system', 'replace-file', 'bind-mount'],
    ],
  )
  const [copy, rename, ...rest] = typed(steps)
  assert.match(copy ?? '', / \/ etc\/a S\/\.holdfast-seed\/0$/)
  assert.is(rename, 'mv -f S/.holdfast-seed/0/etc S/etc')
  assert.is(rest.at(-1), 'mount --bind S/etc/a /etc/a')
  assert.is(listIn(steps), '/etc/a\n')
})

test('the second of two paths finds the folders that the first has made', () => {
  const missing = { kept: { kind: 'missing', top: '/srv' } } as const
  const first = planPersist(stateOf([]), wantedOf('/srv/x/a', missing))
  const second = planPersist(first.state, wantedOf('/srv/y/b', missing))
  const third = planPersist(second.state, wantedOf('/srv/x/c', missing))
  assert.equal(
    [first, second, third].map(({ plan: { steps } }) => formatStep(steps[0]!)),
    ['', '/1', '/2'].map((name) => `rm -rf --one-file-system ${STATE}/.holdfast-seed${name}`),
  )
  const renames = [second, third].map(({ plan: { steps } }) => typed(steps)[1])
  assert.equal(renames, [
    'mv -f S/.holdfast-seed/1/srv/y S/srv/y',
    'mv -f S/.holdfast-seed/2/srv/x/c S/srv/x/c',
  ])
  assert.is(listIn(third.plan.steps), '/srv/x/a\n/srv/y/b\n/srv/x/c\n')
})

test('what lies at the name is moved away first, file or folder, and a note says where it was', () => {
  const file = plan(stateOf([]), wantedOf('/a', { kept: { kind: 'file', path: '/a' } }))
  const [, folderOfOld, note, ...moves] = typed(file.steps)
  assert.is(folderOfOld, 'mkdir -p S/.holdfast-replaced')
  assert.match(note ?? '', /\/a.* S\/.holdfast-replaced\/0-0\.path/)
  assert.equal(moves.slice(-4, -2), [
    'mv -f S/a S/.holdfast-replaced/0-0',
    'mv -f S/.holdfast-seed/0/a S/a',
  ])
  const folder = plan(
    stateOf([]),
    wantedOf('/d', { ...FOLDER, kept: { kind: 'directory', path: '/d' } }),
  )
  assert.equal(
    typed(folder.steps).filter((line) => /^mv -f S\/(d|.holdfast-seed)/.test(line)),
    ['mv -f S/d S/.holdfast-replaced/0-0', 'mv -f S/.holdfast-seed/0/d S/d'],
  )
})

test('what is kept below a folder stays where it is; all beside it is copied, and its mount makes room', () => {
  const state = stateOf(['/d/k', '/e'], ['20 10 8:16 /d/k /d/k rw - ext4 /dev/sdb rw'])
  const { steps, reasons } = plan(
    state,
    wantedOf('/d', {
      ...FOLDER,
      kept: { kind: 'directory', path: '/d' },
      pieces: ['/d/x', '/d/y'],
      occupied: ['/d/y'],
    }),
  )
  assert.equal(
    typed(steps)
      .filter((line) => !/partial|^sync/.test(line))
      .slice(1),
    [
      'mkdir -p S/.holdfast-replaced',
      'mv -f S/.holdfast-seed/0/d/x S/d/x',
      'mv -f S/d/y S/.holdfast-replaced/0-0',
      'mv -f S/.holdfast-seed/0/d/y S/d/y',
      'umount --internal-only --lazy --force /d/k',
      'mount --bind S/d /d',
    ],
  )
  assert.is(listIn(steps), '/e\n/d\n')
  assert.equal(reasons, ['/d is kept on /dev/sdb from now on; /d/k is kept with it'])
})

test('what the image lists below it stays listed there', () => {
  const entry = { path: '/d/k', at: '/d/k', file: '/etc/statetab', line: 3 }
  const { steps, reasons } = plan(stateOf([], [], { entries: [entry] }), wantedOf('/d', FOLDER))
  assert.is(listIn(steps), '/d\n')
  assert.equal(reasons, ['/d is kept on /dev/sdb from now on'])
})

test('a path that was listed through a link is known by where it leads', () => {
  const entry = { path: '/link/a', at: '/etc/a', file: 'files', line: 1 }
  const mounts = ['20 10 8:16 /link/a /etc/a rw - ext4 /dev/sdb rw']
  const state = stateOf([], mounts, { entries: [entry], listText: '/link/a\n' })
  const wanted = wantedOf('/etc/a', { kept: { kind: 'file', path: '/etc/a' } })
  assert.equal(plan(state, wanted).steps, [])
})

test('what was unpersisted gets its name back; with a copy of its own below, it is copied anew', () => {
  const mounts = ['20 10 8:16 /.holdfast-dropped/2 /d rw - ext4 /dev/sdb rw']
  const gone = stateOf([], mounts, { dropped: ['1', '2'] })
  const back = plan(gone, wantedOf('/d', { ...FOLDER, kept: { kind: 'missing', top: '/d' } }))
  assert.equal(typed(back.steps).slice(0, 2), ['mkdir -p S', 'mv -f S/.holdfast-dropped/2 S/d'])
  assert.not.ok(back.steps.some(({ kind }) => kind === 'bind-mount'))
  const inner = stateOf(['/d/k'], mounts, { dropped: ['2'] })
  const anew = plan(
    inner,
    wantedOf('/d', { ...FOLDER, kept: { kind: 'directory', path: '/d' }, pieces: ['/d/x'] }),
  )
  assert.ok(typed(anew.steps).includes('mount --bind S/d /d'))
  assert.not.match(typed(anew.steps).join('\n'), /holdfast-dropped/)
})

test('a folder below what was unpersisted can be persisted: it is not the state file system', () => {
  const mounts = ['20 10 8:16 /.holdfast-dropped/2 /d rw - ext4 /dev/sdb rw']
  assert.is(refused(stateOf([], mounts), wantedOf('/d/sub', FOLDER)), 'not refused')
})

test('a second name of the state file system is refused, and so is a folder that holds one', () => {
  const state = stateOf([], ['20 10 8:16 / /config rw - ext4 /dev/sdb rw'])
  for (const path of ['/config/x', '/config']) {
    assert.match(refused(state, wantedOf(path, FOLDER)), 'is, or holds, the state file system')
  }
  const inVar = stateOf([], ['20 10 8:16 / /var/state rw - ext4 /dev/sdb rw'])
  assert.match(refused(inVar, wantedOf('/var', FOLDER)), 'is, or holds, the state file system')
})

test('what was made at a listed path since the boot goes to its place with the next one; what no record has is copied', () => {
  const overlay =
    '21 10 0:60 / /etc rw - overlay holdfast-files rw,lowerdir=/l,upperdir=/run/initramfs/holdfast-state/.holdfast/upper/etc,workdir=/w'
  const state = stateOf(['/etc/new', '/etc/late'], [overlay], {
    isCarried: (path) => path === '/etc/new',
  })
  for (const kind of ['file', 'directory', 'symlink'] as const) {
    const { steps, reasons } = plan(state, wantedOf('/etc/new', { kind }))
    assert.equal([steps, reasons], [[], ['/etc/new is already persisted (files:1)']])
  }
  const late = plan(state, wantedOf('/etc/late'))
  assert.ok(typed(late.steps).some((line) => line.endsWith(' S/etc/late')))
  assert.not.ok(late.steps.some(({ kind }) => kind === 'bind-mount'))
})

test('a copy of another kind is not replaced where it is listed', () => {
  const state = stateOf(['/a'])
  const wanted = wantedOf('/a', { kept: { kind: 'directory', path: '/a' } })
  assert.is(refused(state, wanted), "'/a': a file, and a directory on the state device")
  const link = wantedOf('/a', { kept: { kind: 'link', path: '/a', target: 'x' } })
  assert.is(refused(state, link), "'/a': a file, and a link on the state device")
  const unfit = wantedOf('/a', { kept: { kind: 'unfit', why: '/a is a fifo there' } })
  assert.is(refused(state, unfit), "'/a': on the state device /a is a fifo there")
})

test.run()
