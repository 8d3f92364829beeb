import { CommandError, RefusedError } from '../errors.ts'
import { formatBytes } from '../formats/bytes.ts'
import type { Log } from '../log.ts'
import type { Facts } from '../machine/facts.ts'
import { probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { formatShare } from '../overlay/choose-size.ts'
import { judgeCheck } from '../overlay/judge-check.ts'
import { isUnfinished, judgeRecovery } from '../overlay/judge-recovery.ts'
import { planGrow } from '../overlay/plan-grow.ts'
import { planCopy, planFinish, planMark, planRepair, planSwap } from '../overlay/plan-recovery.ts'
import { probeCheck } from '../overlay/probe-check.ts'
import type { Recovery, RecoveryFacts, RecoveryRequest, Repair } from '../overlay/recovery.ts'
import { copyPath, oldPath } from '../overlay/recovery-paths.ts'
import { planModules } from '../plan/plan-modules.ts'
import type { Runner } from '../plan/runner.ts'
import type { Step } from '../plan/step.ts'
import { carryOutGrowth } from './carry-out-growth.ts'

export interface Recovering {
  readonly system: System
  readonly runner: Runner
  /** Gets each thing that is done, and in the end what it came to; nothing of a dry run, whose plans say it. */
  readonly say: Log
}

type Decision =
  | { readonly kind: 'finish' }
  | { readonly kind: 'sound' }
  | { readonly kind: 'recover'; readonly recovery: Recovery }

/** What is to be done to a store. Throws a RefusedError where it cannot be recovered. */
export function judgeSeen(facts: RecoveryFacts, asked: RecoveryRequest): Decision {
  if (isUnfinished(facts)) return { kind: 'finish' }
  const recovery = judgeRecovery(facts, asked)
  return recovery === undefined ? { kind: 'sound' } : { kind: 'recover', recovery }
}

/**
 * Recovers a store that can be reached, writable. Whether all was done that was to be: false where its file system could
 * not be checked. Throws a RefusedError where it cannot be recovered.
 */
export function recoverSeen(
  recovering: Recovering,
  found: RecoveryFacts,
  facts: Facts,
  asked: RecoveryRequest,
): boolean {
  const { check, path } = found
  const decision = judgeSeen(found, asked)
  switch (decision.kind) {
    case 'sound':
      carryOut(recovering, [`'${check.name}' is sound: there is nothing to recover`], [])
      return true
    case 'finish': {
      judgeFinish(recovering, facts, check.name, copyPath(path))
      const reason = `a power cut came between: the cured store gets its name, the old one is ${oldPath(path)}`
      carryOut(recovering, [reason], planFinish(path))
      return true
    }
    case 'recover':
      return carryOutRecovery(recovering, found, facts, decision.recovery)
  }
}

function carryOutRecovery(
  recovering: Recovering,
  found: RecoveryFacts,
  facts: Facts,
  recovery: Recovery,
): boolean {
  const { name } = found.check
  const { path, work, bytes, wrong, repair } = recovery
  carryOut(
    recovering,
    [
      ...(wrong.length === 0 ? [`'${name}' is sound; its file system is checked`] : []),
      ...wrong.map((text) => `'${name}': ${text}`),
      ...(work === path ? [] : [`the work is done on a copy of ${formatBytes(bytes)}, ${work}`]),
    ],
    planCopy(recovery),
  )
  growWork(recovering, found, recovery)
  carryOut(recovering, [], planMark(recovery))
  const why = repairFiles(recovering, facts, recovery, repair)
  if (why !== undefined) {
    const reason = `the file system in it is not checked: ${why}`
    recovering.runner.run({ reasons: [reason], steps: [] })
    recovering.say.warn(reason)
  }
  verify(recovering, facts, recovery)
  const swapped = `the old store is ${oldPath(path)}: remove it when nothing is missed`
  carryOut(recovering, work === path ? [] : [swapped], planSwap(recovery))
  return why === undefined
}

/** Says why, and runs the steps. */
function carryOut({ runner, say }: Recovering, reasons: readonly string[], steps: Step[]): void {
  reasons.forEach(say.info)
  runner.run({ reasons, steps })
}

function growWork({ runner, say }: Recovering, found: RecoveryFacts, recovery: Recovery): void {
  const { growth, bytes, chunkSectors } = recovery
  if (growth === undefined) return
  const { record, store } = found.check
  const longestBytes = store.kind === 'file' ? store.longestBytes : undefined
  const baseSectors = record.kind === 'record' ? record.record.base.sectors : undefined
  const room = { bytes: growth.bytes, chunkSectors, baseSectors, longestBytes }
  const reason =
    growth.bytes > bytes
      ? `it grows from ${formatBytes(bytes)} to ${formatBytes(growth.bytes)}: ${formatShare(room)}`
      : 'it is sparse: it gets all its blocks'
  say.info(reason)
  carryOutGrowth(runner, [reason], growth, planGrow)
}

/** What e2fsck -p ends with where it would have to ask. */
const WANTS_ANSWERS = /RUN fsck MANUALLY/

/** Why the file system has not been checked; undefined where it has. */
function repairFiles(
  recovering: Recovering,
  facts: Facts,
  recovery: Recovery,
  repair: Repair,
): string | undefined {
  if (repair.kind === 'left-out') return repair.why
  const noMapper = loadModules(recovering, facts)
  if (noMapper !== undefined) return noMapper
  const reason = `the file system in it is checked, over ${repair.base}`
  try {
    carryOut(recovering, [reason], planRepair(recovery, repair))
    return undefined
  } catch (error) {
    if (!(error instanceof CommandError && WANTS_ANSWERS.test(error.message))) throw error
    throw new RefusedError(
      error.message,
      'With --force it is repaired whatever that costs (e2fsck -y); the old store is kept.',
    )
  }
}

/** Why there is no device-mapper; undefined where there is. */
function loadModules({ runner }: Recovering, facts: Facts): string | undefined {
  try {
    runner.run({ reasons: [], steps: planModules(facts) })
    return undefined
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    return error.message
  }
}

/** Only what the kernel takes gets the store's place. Throws a CommandError. */
function verify(recovering: Recovering, facts: Facts, { work }: Recovery): void {
  const refusal = judgeWork(recovering, facts, work)
  if (refusal !== undefined) throw new CommandError(`Failed to cure it: ${refusal.message}`, [])
}

/** A copy that lies there need not be what a recovery has cured. Throws a RefusedError. */
function judgeFinish(recovering: Recovering, facts: Facts, name: string, copy: string): void {
  const refusal = judgeWork(recovering, facts, copy)
  if (refusal === undefined) return
  throw new RefusedError(
    refusal.message,
    `Rename ${oldPath(name)} to ${name}, and recover it anew: that is the old store.`,
  )
}

/** What the kernel does not take of a store that was worked on; nothing of a dry run, which has not done the work. */
function judgeWork(
  { system, runner }: Recovering,
  { newRoot }: Facts,
  work: string,
): RefusedError | undefined {
  if (runner.dry) return undefined
  const slash = work.lastIndexOf('/')
  const [folder, path] = [work.slice(0, slash), work.slice(slash)]
  const now = probeMachine(system, newRoot)
  return judgeCheck(probeCheck(system, now, work, folder, path, false)).refusal
}
