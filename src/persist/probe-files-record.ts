import { attempt } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'
import { probeVersions } from '../stateless/kept-files/probe-layers.ts'
import { probeRecord } from '../stateless/kept-files/probe-record.ts'
import type { RecordFacts } from './plan-files-record.ts'
import type { ListEntry, StateFacts } from './state-facts.ts'

/** The record of the kept files; undefined where there is none, or one that is not ours. */
export function probeFilesRecord(system: System, state: StateFacts): RecordFacts | undefined {
  const found = probeRecord(system, state.folder)
  if (found === undefined) return undefined
  const isFile = ({ at }: ListEntry) => attempt(() => system.lstat(at).kind === 'file', false)
  const files = state.entries.filter(isFile).map(({ path: kept, at }) => ({ path: at, kept }))
  return { ...found, versions: probeVersions(system, state.folder, [{ files }]) }
}
