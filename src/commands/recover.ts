import { DEGRADED, UsageError } from '../errors.ts'
import { openLog } from '../log.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { formatCheck, jsonCheck } from '../overlay/format-check.ts'
import { judgeCheck } from '../overlay/judge-check.ts'
import { probeRecovery } from '../overlay/probe-recovery.ts'
import type { RecoveryFacts, RecoveryRequest } from '../overlay/recovery.ts'
import { executor, printer } from '../plan/runner.ts'
import { formatJson } from '../printable.ts'
import { judgeSeen, type Recovering, recoverSeen } from './carry-out-recovery.ts'
import type { Args, Command } from './command.ts'
import { changeStore } from './in-turn.ts'
import { type Looked, lookAt, type Place } from './look-at.ts'
import { pathPrefix, planLetGo, reachNow } from './reach-store.ts'

/** Where the persistence device is mounted while a store on it is recovered. */
const WORK_FOLDER = '/run/holdfast/recover'

/*
 * Before: a store that nobody uses, with what the kernel needs to read its entries.
 * After: one that can be attached, its file system checked where the base is here, and the old one beside it;
 * or all is as it was.
 */
export const recover: Command = {
  name: 'recover',
  summary:
    'Cure a store: marked invalid, full, or torn by a power cut; on a copy, the old one is kept',
  positionals: [
    { name: 'store', summary: 'DEVICE:PATH, as in rd.live.overlay=, or the path of a file' },
  ],
  options: {
    base: {
      kind: 'text',
      summary: 'The device or file that the store was made over; without it, the one of its record',
    },
    'in-place': { kind: 'flag', summary: 'Work on the store itself, and keep no copy of it' },
    force: {
      kind: 'flag',
      summary:
        'Give up what follows destroyed entries; check a sound store too; repair it whatever that costs',
    },
    json: { kind: 'flag', summary: 'What became of the store as JSON, with the keys of check' },
    'dry-run': { kind: 'flag', summary: 'Print the plan as a sh script and change nothing' },
  },
  examples: [
    ['holdfast recover LABEL=PERSIST:/persist.img', 'on a device, over the base of its record'],
    ['holdfast recover ./copy.img --base rootfs.img', 'files'],
  ],
  run: runRecover,
}

function runRecover(system: System, args: Args): number {
  const name = args.text('store') ?? ''
  const dry = args.flag('dry-run')
  if (dry && args.flag('json')) {
    throw new UsageError('--json tells what became of the store: it does not go with --dry-run')
  }
  const asked = { inPlace: args.flag('in-place'), force: args.flag('force') }
  const see = (place: Place) => probeRecovery(system, place, name, args.text('base'))
  const looked = lookAt(system, name, see)
  // With a journal to replay, what was seen may not be so.
  if (dry || !looked.place.behindJournal) judgeSeen(looked.seen, asked)
  const log = openLog(system)
  const runner = dry ? printer(system) : executor(system, undefined, log.info)
  const say = dry ? { info: () => {}, warn: () => {} } : log
  const recovering = { system, runner, say }
  const done = changeStore(system, runner, () =>
    recoverLooked(recovering, looked, see, asked, args.flag('json')),
  )
  return done ? 0 : DEGRADED
}

/** Whether all was done. */
function recoverLooked(
  recovering: Recovering,
  { seen, place, named }: Looked<RecoveryFacts>,
  see: (place: Place) => RecoveryFacts,
  asked: RecoveryRequest,
  json: boolean,
): boolean {
  const { system, runner } = recovering
  if (named === undefined) {
    // Another one may have been at work on it until now.
    const found = runner.dry ? seen : see(place)
    const done = recoverSeen(recovering, found, place.facts, asked)
    if (!runner.dry) report(system, see(place), json)
    return done
  }
  const { reach } = reachNow(system, named.device, WORK_FOLDER)
  runner.run({ reasons: [], steps: reach.steps })
  const folder = pathPrefix(reach)
  const facts = probeMachine(system, probeNewRoot(system))
  const there = { facts, folder, path: named.path, behindJournal: false }
  const unseen = runner.dry && !reach.mounted
  const found = unseen ? moveTo(seen, `${folder}${named.path}`) : see(there)
  const done = recoverSeen(recovering, found, facts, asked)
  if (!runner.dry) report(system, see(there), json)
  runner.run({ reasons: [], steps: planLetGo(reach) })
  return done
}

/** What a look has found, as it will be when its device is mounted for the work. */
function moveTo(seen: RecoveryFacts, path: string): RecoveryFacts {
  const { store } = seen.check
  if (store.kind !== 'file') return { ...seen, path }
  return { ...seen, path, check: { ...seen.check, store: { ...store, path } } }
}

/** The report of check on the store as it is now. */
function report(system: System, { check: found }: RecoveryFacts, json: boolean): void {
  const verdict = judgeCheck(found)
  const text = json ? formatJson(jsonCheck(found, verdict)) : formatCheck(found, verdict).join('\n')
  system.print('stdout', `${text}\n`)
}
