import { attempt } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'
import { filesPlaces } from '../stateless/kept-files/places.ts'
import { probeVersions } from '../stateless/kept-files/probe-layers.ts'
import { parseFilesRecord } from '../stateless/kept-files/record.ts'
import { probeKept } from '../stateless/probe-paths.ts'
import type { RecordFacts } from './plan-files-record.ts'
import type { ListEntry, StateFacts } from './state-facts.ts'

/** The record of the kept files; undefined where there is none, or one that is not ours. */
export function probeFilesRecord(system: System, state: StateFacts): RecordFacts | undefined {
  const path = filesPlaces(state.folder).record
  const kept = probeKept(system, state.folder, path.slice(state.folder.length))
  const text = kept.kind === 'file' ? system.readText(path) : undefined
  const record = text === undefined ? undefined : parseFilesRecord(text)
  if (text === undefined || record === undefined) return undefined
  const isFile = ({ at }: ListEntry) => attempt(() => system.lstat(at).kind === 'file', false)
  const files = state.entries.filter(isFile).map(({ path: kept, at }) => ({ path: at, kept }))
  return { text, record, versions: probeVersions(system, state.folder, [{ files }]) }
}
