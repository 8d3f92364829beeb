import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../../../src/machine/places.ts'
import { type View, viewOf } from '../../../src/machine/resolve-inside.ts'
import type { System } from '../../../src/machine/system.ts'
import { toArgv } from '../../../src/plan/command.ts'
import { formatStep } from '../../../src/plan/print.ts'
import type { Step } from '../../../src/plan/step.ts'
import { bindOf, type PathMount } from '../../../src/stateless/kept-path.ts'
import { parseRwtab } from '../../../src/stateless/parse-rwtab.ts'
import { parseStatetab } from '../../../src/stateless/parse-statetab.ts'
import { coversAny, foldersAbove, isBelow } from '../../../src/stateless/paths.ts'
import { joinPaths } from '../../../src/stateless/plan-paths.ts'
import { planScratch, planScratchCopies } from '../../../src/stateless/plan-scratch.ts'
import { planSeeding } from '../../../src/stateless/plan-seeding.ts'
import { planState } from '../../../src/stateless/plan-state.ts'
import { orderMounts, planTable } from '../../../src/stateless/plan-table.ts'
import { probeKept, probeRwtabPath, probeStatetabPath } from '../../../src/stateless/probe-paths.ts'
import { type RandomSet, randomSet } from './random-image.ts'
import { type Node, treeSystem } from './tree-system.ts'

const test = suite('500 sets of lists made by chance')

const SETS = 500
const ROOT = '/sysroot'
const root = viewOf(ROOT)
const RESERVED = ['/var/rw', '/var/state']

interface Planned {
  readonly mounts: readonly PathMount[]
  readonly steps: readonly Step[]
  readonly seeds: readonly string[]
  readonly system: System
}

/** What a boot would do; `state` is what the device holds. */
function plan(set: RandomSet, state: Readonly<Record<string, Node>>): Planned {
  const system = treeSystem({ ...below(ROOT, set.image), ...below(STATE_FOLDER, state) })
  const { foreign } = set
  const rwtab = parseRwtab(set.rwtab, '/etc/rwtab').entries
  const scratch = planScratch(
    rwtab.map((entry) => probeRwtabPath(system, root, entry)),
    foreign,
    RESERVED,
    [],
  )
  const onScratch = coversAny(scratch.paths.map(({ path }) => path))
  // Nothing is there but the image: what is on scratch is taken for a whole copy.
  const view: View = (path) => (onScratch(path) ? `${SCRATCH_FOLDER}${path}` : root(path))
  const statetab = parseStatetab(set.statetab, '/etc/statetab').entries
  const kept = planState(
    view,
    statetab.map((entry) => probeStatetabPath(system, root, entry, onScratch, STATE_FOLDER)),
    foreign,
    RESERVED,
    true,
    { hindrance: undefined, deleted: [] },
  )
  const topOf = (path: string) => {
    const found = probeKept(system, STATE_FOLDER, path)
    return found.kind === 'missing' ? found.top : path
  }
  const volatile = scratch.paths.map((path) => bindOf(path, `${SCRATCH_FOLDER}${path.path}`, true))
  const joined = joinPaths(kept.mounts, volatile, (path) => probeKept(system, STATE_FOLDER, path))
  const mounts = orderMounts(joined.mounts)
  const seeding = planSeeding(view, kept.seeds, topOf)
  const copies = planScratchCopies(root, scratch.copies)
  const steps = [
    ...scratch.folders,
    ...copies,
    ...seeding,
    ...kept.prepare,
    ...planTable(root, mounts),
  ]
  return { mounts, steps, seeds: kept.seeds, system }
}

function below(folder: string, files: Readonly<Record<string, Node>>): Record<string, Node> {
  return Object.fromEntries(Object.entries(files).map(([path, node]) => [`${folder}${path}`, node]))
}

/** The state device as it is once the copies are there. */
function seeded({ image, state }: RandomSet, seeds: readonly string[]): Record<string, Node> {
  const isSeeded = coversAny(seeds)
  const copied = Object.entries(image).filter(([path]) => isSeeded(path))
  const folders = seeds
    .filter((seed) => !copied.some(([path]) => path === seed || isBelow(path, seed)))
    .map((path) => [path, { kind: 'directory' }] as const)
  return { ...state, ...Object.fromEntries([...copied, ...folders]) }
}

function forEachSet(check: (set: RandomSet, planned: Planned) => void): void {
  for (let seed = 1; seed <= SETS; seed++) {
    const set = randomSet(seed)
    try {
      check(set, plan(set, set.state))
    } catch (error) {
      throw new Error(`set ${seed}: ${error instanceof Error ? error.message : error}`)
    }
  }
}

test('they are not all trivial', () => {
  let [mounts, seeds, nested] = [0, 0, 0]
  forEachSet((_set, planned) => {
    mounts += planned.mounts.length
    seeds += planned.seeds.length
    const paths = planned.mounts.map(({ path }) => path)
    nested += paths.filter((path) => paths.some((other) => isBelow(path, other))).length
  })
  assert.ok(mounts > SETS && seeds > SETS / 4 && nested > SETS / 20, `${mounts} ${seeds} ${nested}`)
})

test('no mount is hidden under a later one, no two are at one place, none hides one of somebody else', () => {
  forEachSet((set, { mounts }) => {
    for (const [index, { path }] of mounts.entries()) {
      for (const later of mounts.slice(index + 1)) {
        assert.not(later.path === path || isBelow(path, later.path), `${path} under ${later.path}`)
      }
      for (const point of set.foreign) assert.not(isBelow(point, path), `${point} under ${path}`)
    }
  })
})

test('nothing is mounted but inside the root, and no link leads out of it or into the state device', () => {
  forEachSet((set, { mounts }) => {
    const keptPaths = mounts.filter(({ source }) => source.startsWith(`${STATE_FOLDER}/`))
    const isKept = coversAny(keptPaths.map(({ path }) => path))
    for (const { path, source } of mounts) {
      assert.match(path, /^(\/[^/]+)+$/)
      assert.not.match(path, /\/\.\.?(\/|$)/)
      const system = treeSystem({ ...set.image, ...below(STATE_FOLDER, set.state) })
      for (const each of [path, ...foldersAbove(path)].slice(0, -1)) {
        assert.is.not(kindOf(system, each), 'symlink', `${path} through the link ${each}`)
      }
      const onState = isKept(path) || source.startsWith(STATE_FOLDER)
      for (const each of onState ? [path, ...foldersAbove(path)].slice(0, -1) : []) {
        assert.is.not(kindOf(system, `${STATE_FOLDER}${each}`), 'symlink', `${source}: ${each}`)
      }
    }
  })
})

function kindOf(system: System, path: string): string | undefined {
  try {
    return system.lstat(path).kind
  } catch {
    return undefined
  }
}

test('nothing is written but to scratch, to the state device, to the mount points and to /run/holdfast', () => {
  forEachSet((_set, { steps }) => {
    for (const step of steps) {
      for (const place of writtenBy(step)) {
        assert.match(
          place,
          /^(\/run\/initramfs\/holdfast-(scratch|state)(\/|$)|\/run\/holdfast(\/|$)|\/sysroot\/.)/,
          formatStep(step),
        )
        assert.not.match(place, /\/\.\.(\/|$)/)
      }
    }
  })
})

/** The image is only ever a place to mount at. */
function writtenBy(step: Step): readonly string[] {
  switch (step.kind) {
    case 'make-directories':
      return step.paths
    case 'copy-trees':
      for (const path of step.paths) assert.not(path.startsWith('/') || path.startsWith('../'))
      return [step.to]
    case 'rename-file':
      return [step.from, step.to]
    case 'mount-all':
      return step.at
    case 'remove-tree':
      return [step.path].flat()
    case 'make-directory':
    case 'write-file':
    case 'sync-file-system':
      assert.not.match(step.path, /^\/sysroot/)
      return [step.path]
    default:
      throw new Error(`a step that has no place here: ${toArgv(step)}`)
  }
}

test('planned again, it is the same; and once the copies are there, nothing more is copied', () => {
  forEachSet((set, { mounts, steps, seeds }) => {
    assert.equal(plan(set, set.state).steps, steps)
    const next = plan(set, seeded(set, seeds))
    assert.equal(next.seeds, [])
    assert.equal(
      next.mounts.filter(({ source }) => source.startsWith(STATE_FOLDER)).map(({ path }) => path),
      mounts.filter(({ source }) => source.startsWith(STATE_FOLDER)).map(({ path }) => path),
    )
  })
})

test.run()
