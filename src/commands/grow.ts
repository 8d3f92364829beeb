import { formatDeviceSpec } from '../cmdline/device-spec.ts'
import { formatStoreSpec } from '../cmdline/store-spec.ts'
import { RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import { openLog } from '../log.ts'
import type { Facts } from '../machine/facts.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { chooseGrownBytes, formatShare } from '../overlay/choose-size.ts'
import { judgeStore } from '../overlay/judge-store.ts'
import { parseSize } from '../overlay/plan-create.ts'
import { planGrow } from '../overlay/plan-grow.ts'
import { probeRecord } from '../overlay/probe-binding.ts'
import { probeRootStore, type RootStore } from '../overlay/probe-root-store.ts'
import { probeStore } from '../overlay/probe-store.ts'
import { isSparse, type StoreFacts } from '../overlay/store-facts.ts'
import { recordPath } from '../overlay/store-record.ts'
import { executor, printer } from '../plan/runner.ts'
import { carryOutGrowth } from './carry-out-growth.ts'
import { carryOutReach } from './carry-out-reach.ts'
import type { Args, Command } from './command.ts'
import { type Growing, growAttached } from './grow-attached.ts'
import { changeStore } from './in-turn.ts'
import { type NamedStore, parseStoreName, pathPrefix, planLetGo, reachNow } from './reach-store.ts'

/** Where the persistence device is mounted while a store on it grows. */
const WORK_FOLDER = '/run/holdfast/grow'

/*
 * Before: a store, in use by the running root, full or overflowed too, or on a device and sound.
 * After: it is as long as asked, with blocks for all of it, and an overflow is over; or it is as it was.
 */
export const grow: Command = {
  name: 'grow',
  summary: 'Make a store larger, while it is in use or not; one that ran full works again',
  positionals: [
    {
      name: 'store',
      summary: 'DEVICE:PATH, as in rd.live.overlay=; without it, the store of the running root',
      optional: true,
    },
  ],
  options: {
    size: {
      kind: 'text',
      summary: 'How large in all: 300M, 2G; without it, as large as the base can ever need',
    },
    'dry-run': { kind: 'flag', summary: 'Print the plan as a sh script and change nothing' },
  },
  examples: [
    ['holdfast grow', 'the store of this root, as far as its device has room'],
    ['holdfast grow LABEL=PERSIST:/persist.img --size 2G', 'one on a device'],
  ],
  run: runGrow,
}

function runGrow(system: System, args: Args): number {
  const name = args.text('store')
  const asked = parseSize(args.text('size'))
  const dry = args.flag('dry-run')
  const log = openLog(system)
  const runner = dry ? printer(system) : executor(system, undefined, log.warn)
  const growing = { system, runner, said: dry ? () => undefined : log.info }
  const named = name === undefined ? undefined : parseStoreName(name)
  // What is refused waits for nobody, and touches nothing. The root's own store is not to be seen while another one cures it.
  if (named !== undefined) reachNow(system, named.device, WORK_FOLDER)
  changeStore(system, runner, () =>
    named === undefined ? growRoot(growing, asked) : growNamed(growing, named, asked),
  )
  return 0
}

function growRoot(growing: Growing, asked: number | undefined): void {
  growAttached(growing, findRootStore(growing.system), asked)
}

function findRootStore(system: System): RootStore {
  const store = probeRootStore(system, probeMachine(system, probeNewRoot(system)))
  if (store !== undefined) return store
  throw new RefusedError(
    'the running root has no store on a device',
    'Name a store as DEVICE:PATH; see how this root was made with: holdfast status',
  )
}

function growNamed(growing: Growing, named: NamedStore, asked: number | undefined): void {
  const { system, runner } = growing
  const { facts, reach } = reachNow(system, named.device, WORK_FOLDER)
  const plan = { reasons: [], steps: reach.steps }
  carryOutReach({ ...growing, log: openLog(system) }, formatDeviceSpec(named.device), reach, plan)
  if (reach.mounted || !runner.dry) {
    growSeen(growing, named, facts, probeStore(system, facts, pathPrefix(reach), named.path), asked)
  } else {
    const reasons = [
      'how far the store grows is not known before its device is mounted: nothing more is planned',
    ]
    runner.run({ reasons, steps: [] })
  }
  runner.run({ reasons: [], steps: planLetGo(reach) })
}

function growSeen(
  growing: Growing,
  named: NamedStore,
  facts: Facts,
  found: StoreFacts,
  asked: number | undefined,
): void {
  const { system } = growing
  const rootStore = found.kind === 'file' && found.loop && probeRootStore(system, facts)
  if (rootStore && rootStore.loop.node === found.loop) growAttached(growing, rootStore, asked)
  else growDetached(growing, formatStoreSpec(named), found, asked)
}

function growDetached(
  { system, runner, said }: Growing,
  name: string,
  found: StoreFacts,
  asked: number | undefined,
): void {
  const fit = judgeStore(name, found, false)
  const { path, bytes = 0, usedBytes = 0, chunkSectors, longestBytes } = fit
  const record = probeRecord(system, recordPath(path))
  const baseSectors = record.kind === 'record' ? record.record.base.sectors : undefined
  const missingBytes = isSparse(fit) ? bytes - fit.allocatedBytes : 0
  const holderFreeBytes = fit.holderFreeBytes - missingBytes
  const room = { bytes, usedBytes, chunkSectors, baseSectors, holderFreeBytes, longestBytes }
  const grown = { ...room, bytes: chooseGrownBytes(room, asked) }
  const fromBytes = missingBytes > 0 && holderFreeBytes > 0 ? 0 : bytes
  const isShort = grown.bytes > bytes || fromBytes === 0
  const reason = isShort
    ? `'${name}' grows from ${formatBytes(bytes)} to ${formatBytes(grown.bytes)}: ${formatShare(grown)}`
    : `'${name}' has ${formatBytes(bytes)} already: ${formatShare(grown)}`
  said(reason)
  const growth = { path, fromBytes, bytes: grown.bytes, allocation: 'fallocate' } as const
  if (isShort) carryOutGrowth(runner, [reason], growth, planGrow)
  else runner.run({ reasons: [reason], steps: [] })
}
