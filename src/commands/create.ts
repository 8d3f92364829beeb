import { formatDeviceSpec } from '../cmdline/device-spec.ts'
import { formatStoreSpec } from '../cmdline/store-spec.ts'
import { CommandError, RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { openLog } from '../log.ts'
import type { System } from '../machine/system.ts'
import { formatShare } from '../overlay/choose-size.ts'
import { DEFAULT_CHUNK_SECTORS, refuseInterrupted } from '../overlay/judge-store.ts'
import { longestFileBytes } from '../overlay/longest-file.ts'
import { chooseStoreBytes, parseSize, planCreate } from '../overlay/plan-create.ts'
import { findBaseSectors } from '../overlay/probe-base-here.ts'
import { probeLongest, probeStore } from '../overlay/probe-store.ts'
import type { StoreFacts } from '../overlay/store-facts.ts'
import { executor, printer, type Runner } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import { openProgress } from '../progress.ts'
import { carryOutReach } from './carry-out-reach.ts'
import type { Args, Command } from './command.ts'
import { changeStore } from './in-turn.ts'
import { type NamedStore, parseStoreName, pathPrefix, planLetGo, reachNow } from './reach-store.ts'

/** Where the persistence device is mounted while a store is made on it. */
const WORK_FOLDER = '/run/holdfast/create'

export const create: Command = {
  name: 'create',
  summary:
    'Make a store: preallocated and initialised, so that it never runs out of space beneath it',
  positionals: [{ name: 'store', summary: 'DEVICE:PATH, as in rd.live.overlay=' }],
  options: {
    size: {
      kind: 'text',
      summary: 'How large: 300M, 2G; without it, as large as the base can ever need',
    },
    'dry-run': { kind: 'flag', summary: 'Print the plan as a sh script and change nothing' },
  },
  examples: [
    ['holdfast create LABEL=PERSIST:/persist.img', 'one that cannot overflow'],
    ['holdfast create /dev/sdb1:/test.img --size 500M', 'one of that size'],
  ],
  run: runCreate,
}

function runCreate(system: System, args: Args): number {
  const store = parseStoreName(args.text('store') ?? '')
  const bytes = parseSize(args.text('size'))
  const { warn } = openLog(system)
  const runner = args.flag('dry-run') ? printer(system) : executor(system, undefined, warn)
  // What is refused waits for nobody, and touches nothing.
  if (!runner.dry) reachNow(system, store.device, WORK_FOLDER)
  changeStore(system, runner, () => makeStore({ system, runner }, store, bytes))
  return 0
}

interface Making {
  readonly system: System
  readonly runner: Runner
}

function makeStore(making: Making, store: NamedStore, asked: number | undefined): void {
  const { system, runner } = making
  const { path } = store
  const { facts, reach } = reachNow(system, store.device, WORK_FOLDER)
  const plan = { reasons: [], steps: reach.steps }
  carryOutReach({ ...making, log: openLog(system) }, formatDeviceSpec(store.device), reach, plan)
  const canLook = reach.mounted || !runner.dry
  const folder = pathPrefix(reach)
  const file = `${folder}${path}`
  if (canLook) refuseExisting(formatStoreSpec(store), probeStore(system, facts, folder, path))
  const freeBytes = canLook ? system.freeBytes(reach.folder) : Number.MAX_SAFE_INTEGER
  const base = findBaseSectors(facts)
  const longestBytes = canLook
    ? probeLongest(system, reach.folder)
    : longestFileBytes(reach.device.content?.type)
  const bytes = chooseStoreBytes(asked, base, freeBytes, longestBytes)
  const chunkSectors = DEFAULT_CHUNK_SECTORS
  const share = formatShare({ bytes, chunkSectors, baseSectors: base, longestBytes })
  const reason = `a store of ${formatBytes(bytes)} at ${path} on ${reach.device.node}: ${share}`
  if (!runner.dry) openLog(system).info(reason)
  allocate(making, reason, file, bytes)
  runner.run({ reasons: [], steps: planLetGo(reach) })
}

/** fallocate where the file system has it (vfat has not): a store is never sparse. */
function allocate({ runner, system }: Making, reason: string, file: string, bytes: number): void {
  try {
    runner.run({ reasons: [reason], steps: planCreate(file, bytes, 'fallocate') })
  } catch (error) {
    if (!(error instanceof CommandError && /not supported/i.test(error.message))) throw error
    fill(system, runner, planCreate(file, bytes, 'zeros'))
  }
}

function fill(system: System, runner: Runner, steps: readonly Step[]): void {
  const progress = openProgress(system, 'writing zeros', totalBytes(steps))
  for (const step of steps) {
    runner.run({ reasons: [], steps: [step] })
    if (step.kind === 'fill-zeros') progress.add(step.bytes)
  }
  progress.end()
}

function totalBytes(steps: readonly Step[]): number {
  return steps.reduce((bytes, step) => bytes + (step.kind === 'fill-zeros' ? step.bytes : 0), 0)
}

function refuseExisting(name: string, found: StoreFacts): void {
  if (found.kind === 'missing') return
  if (found.kind === 'interrupted') throw refuseInterrupted(name)
  throw new RefusedError(
    found.kind === 'unfit' ? `'${name}': ${found.why}` : `'${name}' is there already`,
    'Nothing is overwritten: give another path, or remove it first.',
  )
}
