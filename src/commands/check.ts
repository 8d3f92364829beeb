import { formatDeviceSpec } from '../cmdline/device-spec.ts'
import { parseStoreSpec, type StoreSpec } from '../cmdline/store-spec.ts'
import { DEGRADED, RefusedError, UsageError } from '../errors.ts'
import { openLog } from '../log.ts'
import { attempt } from '../machine/attempt.ts'
import { locate, probeWithDevice } from '../machine/locate.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { formatCheck, jsonCheck } from '../overlay/format-check.ts'
import { judgeCheck } from '../overlay/judge-check.ts'
import { planLook } from '../overlay/plan-look.ts'
import { type CheckFacts, probeCheck } from '../overlay/probe-check.ts'
import { executor } from '../plan/runner.ts'
import { formatJson } from '../printable.ts'
import type { Args, Command } from './command.ts'

/*
 * Before: any machine; the store's device may be mounted, and the store in use. After: the same, nothing was written.
 */
export const check: Command = {
  name: 'check',
  summary: 'Read a store, all of its entries too, and say whether the kernel could be given it',
  positionals: [
    { name: 'store', summary: 'DEVICE:PATH, as in rd.live.overlay=, or the path of a file' },
  ],
  options: {
    json: { kind: 'flag', summary: 'The same report as JSON; the keys are in holdfast(8)' },
  },
  examples: [
    ['holdfast check LABEL=PERSIST:/persist.img', 'on a device, mounted or not'],
    ['holdfast check ./copy.img --json', 'a file, for programs'],
  ],
  run: runCheck,
}

/** The report goes to stdout whatever it says; the reason of a refusal to stderr as well. */
function runCheck(system: System, args: Args): number {
  const name = args.text('store') ?? ''
  const found = lookAt(system, name)
  const verdict = judgeCheck(found)
  const text = args.flag('json')
    ? formatJson(jsonCheck(found, verdict))
    : formatCheck(found, verdict).join('\n')
  system.print('stdout', `${text}\n`)
  if (verdict.refusal !== undefined) throw verdict.refusal
  return verdict.kind === 'sound' ? 0 : DEGRADED
}

/** A regular file of that name comes first, then what rd.live.overlay= would mean by it, then whatever lies there. */
function lookAt(system: System, name: string): CheckFacts {
  const stat = attempt(() => system.lstat(name), undefined)
  if (stat?.kind === 'file') return lookAtPath(system, name)
  const spec = parseStoreSpec(name)
  if (!('why' in spec)) return lookOnDevice(system, name, spec)
  if (stat !== undefined) return lookAtPath(system, name)
  throw new UsageError(`'${name}': there is no such file; and ${spec.why}`)
}

function lookAtPath(system: System, name: string): CheckFacts {
  const facts = probeMachine(system, probeNewRoot(system))
  const absolute = /^\//.test(name) ? name : `./${name}`
  const path = absolute.replace(/\/+$/, '')
  const slash = path.lastIndexOf('/')
  return probeCheck(system, facts, name, path.slice(0, slash), path.slice(slash), false)
}

function lookOnDevice(system: System, name: string, { device, path }: StoreSpec): CheckFacts {
  if (path === undefined) {
    throw new UsageError(`'${name}': name the store's path too, as in ${name}:/persist.img`)
  }
  const newRoot = probeNewRoot(system)
  const facts = probeWithDevice(system, newRoot, device)
  const disk = locate(facts, device)
  if (disk === undefined) {
    throw new RefusedError(
      `there is no device ${formatDeviceSpec(device)}`,
      'See what is there with: holdfast probe',
    )
  }
  const { folder, steps, behindJournal } = planLook(facts, formatDeviceSpec(device), disk)
  const runner = executor(system)
  try {
    runner.run({ reasons: [], steps })
    const mounted = probeMachine(system, newRoot)
    return probeCheck(system, mounted, name, folder === '/' ? '' : folder, path, behindJournal)
  } finally {
    for (const trouble of runner.walkBack()) openLog(system).warn(trouble)
  }
}
