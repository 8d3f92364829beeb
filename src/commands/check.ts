import { DEGRADED } from '../errors.ts'
import type { System } from '../machine/system.ts'
import { formatCheck, jsonCheck } from '../overlay/format-check.ts'
import { judgeCheck } from '../overlay/judge-check.ts'
import { probeCheck } from '../overlay/probe-check.ts'
import { formatJson } from '../printable.ts'
import type { Args, Command } from './command.ts'
import { lookAt } from './look-at.ts'

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
  const { seen: found } = lookAt(system, name, ({ facts, folder, path, behindJournal }) =>
    probeCheck(system, facts, name, folder, path, behindJournal),
  )
  const verdict = judgeCheck(found)
  const text = args.flag('json')
    ? formatJson(jsonCheck(found, verdict))
    : formatCheck(found, verdict).join('\n')
  system.print('stdout', `${text}\n`)
  if (verdict.refusal !== undefined) throw verdict.refusal
  return verdict.kind === 'sound' ? 0 : DEGRADED
}
