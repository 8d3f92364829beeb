import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../../src/errors.ts'
import type { RunResult, System } from '../../../src/machine/system.ts'
import { apply, newJournal } from '../../../src/plan/apply.ts'
import { executor, printer } from '../../../src/plan/runner.ts'
import type { Step } from '../../../src/plan/step.ts'
import { undo } from '../../../src/plan/undo.ts'
import { walkBack } from '../../../src/plan/walk-back.ts'
import { type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { describe } from '../memory/state.ts'

const test = suite('apply')

function machine(): MemoryMachine {
  const scenario = scenarios['a blank store']
  if (scenario === undefined) throw new Error('no such scenario')
  return memoryMachine(scenario.state())
}

/** The machine, with another answer to some programs. */
function answering(
  system: System,
  answer: (argv: readonly string[]) => Partial<RunResult> | undefined,
): System {
  const usual = { status: 0, stdout: '', stderr: '', timedOut: false }
  return {
    ...system,
    run: (argv, timeoutMs) => {
      const found = answer(argv)
      return found === undefined ? system.run(argv, timeoutMs) : { ...usual, ...found }
    },
  }
}

function failureOf(system: System, step: Step): string {
  try {
    apply(system, { reasons: [], steps: [step] }, newJournal())
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
  throw new Error('the step did not fail')
}

const failing: readonly (readonly [Step, text: string])[] = [
  [
    { kind: 'mount', device: '/dev/none', at: '/mnt', type: 'ext4', options: [] },
    "Failed to mount '/dev/none': mount: special device /dev/none does not exist.",
  ],
  [
    { kind: 'attach-loop', file: '/none', as: 'x', readOnly: false },
    "Failed to attach a loop device to '/none': losetup: /none: No such file or directory",
  ],
  [{ kind: 'sync', path: '/none' }, "Failed to sync '/none': ENOENT"],
  [{ kind: 'copy-short-file', from: '/none', to: '/run/x' }, "Failed to copy '/none': ENOENT"],
  [
    { kind: 'clear-entries', path: '/none', offsetBytes: 0, bytes: 16 },
    "Failed to clear entries of '/none': ENOENT",
  ],
  [{ kind: 'write-file', path: '/sysroot/x', text: '' }, "Failed to write '/sysroot/x': EROFS"],
  [
    { kind: 'make-directory', path: '/sysroot/x' },
    "Failed to make the directory '/sysroot/x': EROFS",
  ],
  [
    { kind: 'make-sparse-file', path: '/sysroot/x', bytes: 1 },
    "Failed to make the file '/sysroot/x': EROFS",
  ],
  [{ kind: 'remove-file', path: '/sysroot/x' }, "Failed to remove '/sysroot/x': EROFS"],
  [{ kind: 'rename-file', from: '/none', to: '/x' }, "Failed to rename '/none': ENOENT"],
]

for (const [step, text] of failing) test(text, () => assert.is(failureOf(machine(), step), text))

const QUICK: Step = { kind: 'repair-files', device: '/dev/sdb', repair: 'quick' }

function heardOf(result: Partial<RunResult>, step = QUICK): string[] {
  const heard: string[] = []
  const system = answering(machine(), () => result)
  executor(system, undefined, (text) => heard.push(text)).run({ reasons: [], steps: [step] })
  return heard
}

test('a quick check that finds nothing says nothing, one that corrects says what', () => {
  assert.equal(heardOf({ stdout: '/dev/sdb: clean, 11/8 files\n' }), [])
  const said =
    'p contains errors, check forced.\n\n/dev/sdb: Inode 12 cleared.\n/dev/sdb: 11/8 files\n'
  assert.equal(heardOf({ status: 1, stdout: said }), [
    'e2fsck has corrected errors on /dev/sdb: p contains errors, check forced. /dev/sdb: Inode 12 cleared. /dev/sdb: 11/8 files',
  ])
  // fsck.fat complains of the locale before.
  const noise = { status: 1, stdout: '1\n2\n3\n4\n5\n6\n', stderr: 'noise\n' }
  assert.match(heardOf(noise)[0] ?? '', /: 1 2 3 4 5 6$/)
})

test('where the program for a quick check is not there, the file system is used as it is', () => {
  const absent = { status: 127, stderr: 'ENOENT: fsck.fat' }
  assert.equal(heardOf(absent, { ...QUICK, type: 'vfat' }), [
    '/dev/sdb needs a check, and there is no fsck.fat',
  ])
})

test('a quick check that does not succeed fails in the words of the program, with what to do', () => {
  const said = '\n/dev/sdb: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a)\n'
  const text =
    "Failed to check the file system on '/dev/sdb': /dev/sdb: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY. (i.e., without -a)"
  assert.throws(
    () => heardOf({ status: 4, stdout: said }),
    (error: CommandError) =>
      error.message === text && /e2fsck -f \/dev\/sdb$/.test(`${error.hint}`),
  )
})

test('a quick check has no longer than any program', () => {
  let limit: number | undefined = 1
  const slow: System = {
    ...machine(),
    run(_argv, timeoutMs) {
      limit = timeoutMs
      return { status: 137, stdout: 'Pass 1', stderr: '', timedOut: true }
    },
  }
  assert.is(
    failureOf(slow, QUICK),
    "Failed to check the file system on '/dev/sdb': no answer in time, killed",
  )
  assert.is(limit, undefined)
})

test('a program that says nothing is quoted by its status, one that was killed by that', () => {
  const step: Step = { kind: 'load-modules', modules: ['loop', 'dm_mod'] }
  const silent = answering(machine(), () => ({ status: 7 }))
  assert.is(failureOf(silent, step), "Failed to load the modules 'loop dm_mod': exit status 7")
  const late = answering(machine(), () => ({ status: 137, stderr: 'x', timedOut: true }))
  assert.is(
    failureOf(late, step),
    "Failed to load the modules 'loop dm_mod': no answer in time, killed",
  )
})

test('a busy mount point is tried again for less than a second, any other failure is final', () => {
  const unmount: Step = { kind: 'unmount', at: '/sysroot', restore: undefined }
  let tries = 0
  const busy = machine()
  const times = (count: number, stderr: string) =>
    answering(busy, () => (++tries <= count ? { status: 32, stderr } : undefined))
  apply(times(3, 'umount: target is busy.'), { reasons: [], steps: [unmount] }, newJournal())
  assert.equal([tries, busy.monotonicMs()], [4, 300])
  tries = 0
  assert.match(failureOf(times(99, 'umount: target is busy.'), unmount), 'target is busy')
  assert.equal([tries, busy.monotonicMs()], [9, 1100])
  tries = 0
  failureOf(times(99, 'umount: not mounted'), unmount)
  assert.is(tries, 1)
})

test('of mounts by a table that fails those that were made are unmounted, last first', () => {
  const step: Step = { kind: 'mount-all', table: '/t', at: ['/a', '/a/b', '/c'] }
  assert.equal(undo(step), [{ kind: 'unmount-all', at: ['/c', '/a/b', '/a'] }])
  const half = machine()
  half.failOn = /^mount /
  const journal = newJournal()
  assert.throws(
    () => apply(half, { reasons: [], steps: [step] }, journal),
    /^Failed to mount '\/a and 2 more': mount: does not work today$/,
  )
  assert.equal(walkBack(half, journal).length, 1)
  assert.is(half.ran.at(-1), 'umount --no-canonicalize /c /a/b /a')
})

test('a half-made file goes with the rest', () => {
  const half = machine()
  const before = describe(half.state)
  half.failAt = 2
  const journal = newJournal()
  const steps: Step[] = [
    { kind: 'make-directory', path: '/run/x' },
    { kind: 'allocate-file', path: '/run/x/file', bytes: 4096 },
  ]
  assert.throws(() => apply(half, { reasons: [], steps }, journal), /half way/)
  assert.ok(describe(half.state).includes('/run/x/file 4096'))
  assert.equal(walkBack(half, journal), [])
  assert.equal(describe(half.state), before)
})

test('what cannot be taken back is told, and does not stop the rest', () => {
  const stuck = machine()
  const runner = executor(stuck)
  const mount = (at: string): Step => ({
    kind: 'mount',
    device: 't',
    at,
    type: 'tmpfs',
    options: [],
  })
  runner.run({ reasons: [], steps: [mount('/mnt'), mount('/dev')] })
  stuck.failOn = /^umount \/dev/
  assert.equal(runner.walkBack(), [
    "Failed to unmount '/dev': umount: does not work today, ignoring",
  ])
  assert.not(stuck.state.mounts.some(({ mountPoint }) => mountPoint === '/mnt'))
  assert.equal(runner.walkBack(), [])
})

test('errors that e2fsck has corrected are no failure, its words are told; others are one', () => {
  const step: Step = { kind: 'repair-files', device: '/dev/x', repair: 'safe' }
  const heard: string[] = []
  const says = (status: number) => answering(machine(), () => ({ status, stdout: 'it says\n' }))
  for (const status of [0, 1]) {
    const runner = executor(says(status), undefined, (text) => heard.push(text))
    runner.run({ reasons: [], steps: [step] })
  }
  assert.equal(heard, ['it says', 'it says'])
  for (const status of [4, 8, 32, 127]) {
    assert.is(failureOf(says(status), step), "Failed to check the file system on '/dev/x': it says")
  }
})

test('what takes as long as there are bytes has an hour, unless the caller has less', () => {
  const limits: (number | undefined)[] = []
  const noting = { ...machine() }
  noting.run = (_argv, timeoutMs) => {
    limits.push(timeoutMs)
    return { status: 0, stdout: '', stderr: '', timedOut: false }
  }
  const plan = {
    reasons: [],
    steps: [
      { kind: 'copy-file', from: '/a', to: '/b' },
      { kind: 'unmount', at: '/a', restore: undefined },
    ] as const,
  }
  executor(noting).run(plan)
  executor(noting, 2000).run(plan)
  assert.equal(limits, [3_600_000, undefined, 2000, 2000])
})

test('a device that was removed again is not removed a second time', () => {
  const found = machine()
  const before = describe(found.state)
  const runner = executor(found)
  const table = [0, 8, 'linear', { loop: 'a' }, 0]
  runner.run({
    reasons: [],
    steps: [
      { kind: 'attach-loop', file: '/dev/sdb', as: 'a', readOnly: true },
      { kind: 'create-dm', name: 'n', table, readOnly: false },
      { kind: 'remove-dm', name: 'n' },
      { kind: 'detach-loop', device: { loop: 'a' } },
    ],
  })
  assert.equal(describe(found.state), before)
  assert.equal(runner.walkBack(), [])
})

test('a beginning that was written over is written back', () => {
  const found = machine()
  const runner = executor(found)
  const start = () => [...found.readBytes('/run/x', 0, 2)]
  runner.run({ reasons: [], steps: [{ kind: 'write-file', path: '/run/x', text: 'ab' }] })
  runner.run({
    reasons: [],
    steps: [{ kind: 'write-start', path: '/run/x', bytes: [1, 2], before: [97, 98] }],
  })
  assert.equal(start(), [1, 2])
  assert.equal(runner.walkBack(), [])
  assert.equal(start(), [97, 98])
})

test('a dry run is one script, which ends at the first step that fails', () => {
  const dry = machine()
  const runner = printer(dry)
  runner.run({ reasons: ['one'], steps: [] })
  runner.run({ reasons: ['two'], steps: [{ kind: 'sync', path: '/a' }] })
  runner.run({ reasons: [], steps: [{ kind: 'sync', path: '/b' }] })
  assert.is(dry.printed.stdout, '# one\nset -e\n# two\nsync /a\nsync /b\n')
  assert.equal([dry.changes, runner.walkBack()], [0, []])
})

test.run()
