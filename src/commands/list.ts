import { formatColumns } from '../keeping/format-keeping.ts'
import { openLog } from '../log.ts'
import { attempt } from '../machine/attempt.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import { viewOf } from '../machine/resolve-inside.ts'
import type { System } from '../machine/system.ts'
import { type EntryKinds, jsonListed, judgeEntries, listRows } from '../persist/list-kept.ts'
import { probeState } from '../persist/probe-state.ts'
import { formatJson } from '../printable.ts'
import { probeRwtab } from '../stateless/probe-lists.ts'
import { formatRemark } from '../stateless/remark.ts'
import type { Args, Command } from './command.ts'

export const list: Command = {
  name: 'list',
  summary: 'List the paths that are kept on the state device, and whether they are',
  options: {
    json: { kind: 'flag', summary: 'The same as JSON; the keys are in holdfast(8)' },
  },
  examples: [
    ['holdfast list', 'for people'],
    ['holdfast list --json', 'for programs'],
  ],
  run: runList,
}

function runList(system: System, args: Args): number {
  const state = probeState(system, probeMachine(system, probeNewRoot(system)))
  const kindAt = (path: string) =>
    attempt((): EntryKinds['kind'] => system.lstat(path).kind, 'missing')
  const linkAt = (path: string) => attempt(() => system.readLink(path), undefined)
  const listed = judgeEntries(state, ({ at, path }) => {
    const kept = `${state.folder}${path}`
    const link = linkAt(kept)
    const isSameLink = link !== undefined && link === linkAt(at)
    return { kind: kindAt(at), copy: kindAt(kept), isSameLink }
  })
  // What is listed wrong is in no row: nobody would miss it before it is lost.
  const remarks = [...state.remarks, ...probeRwtab(system, viewOf('/')).remarks]
  if (args.flag('json')) {
    system.print('stdout', `${formatJson(jsonListed(state, listed, remarks))}\n`)
    return 0
  }
  for (const row of formatColumns(listRows(state, listed))) system.print('stdout', `${row}\n`)
  const log = openLog(system)
  for (const remark of remarks) log.warn(formatRemark(remark))
  return 0
}
