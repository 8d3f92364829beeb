import { attempt } from '../../machine/attempt.ts'
import { type FileStat, type System, SystemError } from '../../machine/system.ts'
import type { FolderFacts } from '../path-facts.ts'
import { foldersAbove } from '../paths.ts'
import { countUnlisted } from './count-unlisted.ts'
import type { FileFacts, HarvestFacts, StateFacts, UpperFacts } from './harvest-facts.ts'
import { isWhiteout } from './is-whiteout.ts'
import { type FilesPlaces, filesPlaces } from './places.ts'
import {
  type LaidFolder,
  MOST_RECORD_BYTES,
  NO_VERSION,
  type Place,
  parseFilesRecord,
  type Version,
} from './record.ts'

/** What a layer on the file system that is mounted at `state` has to give. Whatever lies there may be somebody else's work. */
export function probeHarvest(system: System, state: string): HarvestFacts {
  const places = filesPlaces(state)
  const misfit = findMisfit(system, places)
  if (misfit !== undefined) return { kind: 'unfit', why: misfit }
  const found = look(system, places.record)
  if (found === 'missing') return { kind: 'none' }
  const text = found === 'error' ? undefined : readRecord(system, places.record, found)
  const record = text === undefined ? undefined : parseFilesRecord(text)
  if (record === undefined || text === undefined) {
    return {
      kind: 'unfit',
      why: `${nameOf(places.record)} is no record, or one of another version`,
    }
  }
  const { layer } = places
  const { folders, deleted, awaited } = record
  // A file that was deleted may have been made anew; without a layer it has not.
  const used = folders.length > 0 ? layer : undefined
  const files = [
    ...folders.flatMap((each) => probeFolder(system, state, layer, each)),
    ...deleted.map((place) => probeSingle(system, state, used, place, 'deleted')),
    ...awaited.map((path) => probeSingle(system, state, used, { path, kept: path }, 'awaited')),
  ]
  const listed = new Set(files.map(({ file }) => file.path))
  const unlisted = countUnlisted(system, state, layer, folders, listed)
  return { kind: 'record', record, text, files, unlisted }
}

/** Folders of ours that are none: a link among them would lead elsewhere. */
function findMisfit(
  system: System,
  { folder, layer, work, aside }: FilesPlaces,
): string | undefined {
  for (const path of [folder, layer, work, aside]) {
    const found = look(system, path)
    if (found === 'error') return `${nameOf(path)} cannot be read`
    if (found !== 'missing' && found.kind !== 'directory')
      return `${nameOf(path)} is a ${found.kind}`
  }
  return undefined
}

/** As it is called on the device. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/.holdfast') + 1)
}

function readRecord(system: System, path: string, { kind, bytes }: FileStat): string | undefined {
  if (kind !== 'file' || bytes > MOST_RECORD_BYTES) return undefined
  return attempt(() => system.readText(path), undefined)
}

function probeFolder(
  system: System,
  state: string,
  layer: string,
  { folder, files }: LaidFolder,
): FileFacts[] {
  const isThere = walk(system, layer, folder).kind === 'directory'
  return files.map((file) => {
    const upper = isThere
      ? probeUpper(system, `${layer}${folder}`, file.path.slice(folder.length))
      : UNKNOWN
    const on = probeState(system, state, file.kept)
    return { file, sort: 'laid', upper, state: on, ways: probeWays(system, state, layer, file, on) }
  })
}

function probeSingle(
  system: System,
  state: string,
  layer: string | undefined,
  place: Place,
  sort: 'deleted' | 'awaited',
): FileFacts {
  const file = { ...place, linked: false, was: NO_VERSION }
  const on = probeState(system, state, place.kept)
  if (layer === undefined) return { file, sort, upper: UNKNOWN, state: on, ways: [] }
  const upper = probeUpper(system, layer, place.path, sort === 'awaited')
  return { file, sort, upper, state: on, ways: probeWays(system, state, layer, place, on) }
}

/** The folders above a file that the device lacks, the topmost first. */
function probeWays(
  system: System,
  state: string,
  layer: string,
  { path, kept }: Place,
  on: StateFacts,
): FolderFacts[] {
  if (on.kind !== 'missing' || path !== kept) return []
  const lacking = foldersAbove(path).filter(
    (folder) => folder !== '/' && look(system, `${state}${folder}`) === 'missing',
  )
  return lacking.reverse().flatMap((folder) => {
    const found = look(system, `${layer}${folder}`)
    if (found === 'missing' || found === 'error' || found.kind !== 'directory') return []
    return [{ path: folder, mode: found.mode, uid: found.uid, gid: found.gid }]
  })
}

const UNKNOWN: UpperFacts = { kind: 'unknown' }

/** With `asTree` a folder or link that is at the path itself is as good as a file. */
function probeUpper(system: System, folder: string, path: string, asTree = false): UpperFacts {
  const found = walk(system, folder, path)
  if (found.kind === 'file') return { kind: 'file', ...versionOf(found.stat) }
  // A link on the way to it would lead elsewhere.
  const isLink = found.kind === 'other' && found.what === 'symlink' && found.at === path
  if (asTree && (found.kind === 'directory' || isLink)) return { kind: 'tree' }
  if (found.kind === 'missing') return { kind: 'gone' }
  if (found.kind === 'error') return UNKNOWN
  return { kind: 'other', what: found.kind === 'other' ? found.what : found.kind }
}

function probeState(system: System, state: string, path: string): StateFacts {
  const found = walk(system, state, path)
  if (found.kind === 'file') return { kind: 'file', ...versionOf(found.stat) }
  if (found.kind === 'missing') return { kind: 'missing' }
  const what =
    found.kind === 'error'
      ? 'cannot be read'
      : `is a ${found.kind === 'other' ? found.what : found.kind}`
  return { kind: 'unfit', why: `${found.at} ${what} there` }
}

function versionOf({ inode, modifiedSeconds, bytes }: FileStat): Version {
  return { inode, modifiedSeconds, bytes }
}

type Found =
  | { readonly kind: 'file' | 'directory'; readonly at: string; readonly stat: FileStat }
  /** Nothing, or OverlayFS's mark that something of the lower layer is deleted. */
  | { readonly kind: 'missing'; readonly at: string }
  | { readonly kind: 'other'; readonly at: string; readonly what: string }
  | { readonly kind: 'error'; readonly at: string }

/** What is at a path below a folder, when each part on the way is a folder itself. */
function walk(system: System, folder: string, path: string): Found {
  const parts = path.slice(1).split('/')
  for (const [index] of parts.entries()) {
    const at = `/${parts.slice(0, index + 1).join('/')}`
    const found = look(system, `${folder}${at}`)
    if (found === 'missing' || found === 'error') return { kind: found, at }
    if (isWhiteout(found)) return { kind: 'missing', at }
    const isLast = index === parts.length - 1
    if (isLast && (found.kind === 'file' || found.kind === 'directory'))
      return { kind: found.kind, at, stat: found }
    if (found.kind !== 'directory') return { kind: 'other', at, what: found.kind }
  }
  return { kind: 'error', at: path }
}

/** What cannot be looked at is not taken for missing: a disk that fails has deleted nothing. */
function look(system: System, path: string): FileStat | 'missing' | 'error' {
  try {
    return system.lstat(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return error.code === 'ENOENT' ? 'missing' : 'error'
  }
}
