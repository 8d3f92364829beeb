import { DEGRADED } from '../errors.ts'
import { makeAbsolute } from '../keeping/absolute-path.ts'
import { formatKeepings, jsonKeepings } from '../keeping/format-keeping.ts'
import { judgePath } from '../keeping/judge-path.ts'
import { probeKeeping } from '../keeping/probe-keeping.ts'
import { probePlace } from '../keeping/probe-place.ts'
import type { System } from '../machine/system.ts'
import { formatJson } from '../printable.ts'
import type { Args, Command } from './command.ts'

export const which: Command = {
  name: 'which',
  summary: 'Say whether what is written at a path survives a reboot, and where it is kept',
  positionals: [{ name: 'path', summary: 'A path, there or not', repeated: true }],
  options: {
    json: { kind: 'flag', summary: 'The same as JSON; the keys are in holdfast(8)' },
  },
  examples: [
    ['holdfast which /etc/passwd /var/log', 'for people'],
    ['holdfast which --json .', 'for programs'],
  ],
  run: runWhich,
}

function runWhich(system: System, args: Args): number {
  const all = probeKeeping(system)
  const { facts } = all
  const keepings = args.list('path').map((path) => {
    const absolute = makeAbsolute(system, facts.newRoot, path)
    return judgePath(all, { ...probePlace(system, facts, absolute), asked: path })
  })
  const text = args.flag('json')
    ? formatJson(jsonKeepings(keepings))
    : formatKeepings(keepings).join('\n')
  system.print('stdout', `${text}\n`)
  return keepings.every(({ verdict }) => verdict === 'kept') ? 0 : DEGRADED
}
