import { attempt } from '../../machine/attempt.ts'
import { type System, SystemError } from '../../machine/system.ts'
import { probeKept } from '../probe-paths.ts'
import { type Carries, carriedBy } from './carries.ts'
import { filesPlaces } from './places.ts'
import { type FilesRecord, MOST_RECORD_BYTES, parseFilesRecord } from './record.ts'

/** The record on the file system that is mounted at `state`, as a text and read; undefined where there is none, or one that is not ours. */
export function probeRecord(
  system: System,
  state: string,
): { readonly text: string; readonly record: FilesRecord } | undefined {
  const path = filesPlaces(state).record
  if (probeKept(system, state, path.slice(state.length)).kind !== 'file') return undefined
  return attempt(() => {
    if (system.lstat(path).bytes > MOST_RECORD_BYTES) return undefined
    const text = system.readText(path)
    const record = parseFilesRecord(text)
    return record === undefined ? undefined : { text, record }
  }, undefined)
}

/** What the record says of a path. Its folder is root's alone: to anybody else nothing is known, which is not that there is nothing. */
export function probeCarries(system: System, state: string): Carries {
  try {
    system.lstat(filesPlaces(state).record)
  } catch (error) {
    if (error instanceof SystemError && error.code === 'EACCES') return () => undefined
  }
  return carriedBy(probeRecord(system, state)?.record)
}
