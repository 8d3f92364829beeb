import { cleanPath } from '../../cmdline/clean-path.ts'
import { asFields, parseFields } from '../../formats/json-fields.ts'

/** A file as stat(2) tells it from another one, or from itself at another time. */
export interface Version {
  readonly inode: number
  readonly modifiedSeconds: number
  readonly bytes: number
}

/** No file is like it. */
export const NO_VERSION: Version = { inode: 0, modifiedSeconds: 0, bytes: 0 }

/** A kept file by its two names. */
export interface Place {
  /** In the root, free of symbolic links. */
  readonly path: string
  /** On the state device: the same, or what was listed and leads there through a link. */
  readonly kept: string
}

/** A kept file as it was laid into the layer. */
export interface LaidFile extends Place {
  /** Whether the layer has the state device's own file under a second name, instead of a copy. */
  readonly linked: boolean
  /** The file on the state device at that time. */
  readonly was: Version
}

/** A folder of the root with OverlayFS on it, and what was laid into it. */
export interface LaidFolder {
  readonly folder: string
  readonly files: readonly LaidFile[]
}

/** What `.holdfast/files.json` on the state device says. */
export interface FilesRecord {
  readonly version: 1
  /** Where the layer has what is newest. Where there are none, the device has it, and the layer is of no use. */
  readonly folders: readonly LaidFolder[]
  /** Files that were deleted on purpose, and stay so although the root's image has them. */
  readonly deleted: readonly Place[]
  /** Listed paths that nothing was at, below one of the folders: what is made there is kept, a folder or link as well. */
  readonly awaited: readonly string[]
}

/** 2,000 files with long paths are a tenth of it. */
export const MOST_RECORD_BYTES = 4 << 20

/** The text of the record, which parseFilesRecord reads back. */
export function formatFilesRecord(record: FilesRecord): string {
  // Left out where there are none, as in records that were written before there was such a list.
  const awaited = record.awaited.length === 0 ? undefined : record.awaited
  return `${JSON.stringify({ ...record, awaited })}\n`
}

/** The record in a text, all of its fields checked and no other kept; undefined when it is not one. */
export function parseFilesRecord(text: string): FilesRecord | undefined {
  const value = parseFields(text)
  if (value?.['version'] !== 1) return undefined
  const folders = parseAll(value['folders'], parseFolder)
  const deleted = parseAll(value['deleted'], parsePlace)
  const awaited = parseAll(value['awaited'] ?? [], (path) => (isPath(path) ? path : undefined))
  if (folders === undefined || deleted === undefined || awaited === undefined) return undefined
  return { version: 1, folders, deleted, awaited }
}

function parseAll<T>(value: unknown, parse: (each: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined
  const items = value.map(parse)
  return items.every((item) => item !== undefined) ? (items as T[]) : undefined
}

function parseFolder(value: unknown): LaidFolder | undefined {
  const { folder, files: listed } = asFields(value) ?? {}
  const files = parseAll(listed, parseFile)
  if (!isPath(folder) || files === undefined) return undefined
  return files.every(({ path }) => path.startsWith(`${folder}/`)) ? { folder, files } : undefined
}

function parseFile(value: unknown): LaidFile | undefined {
  const fields = asFields(value)
  const place = parsePlace(value)
  const was = parseVersion(fields?.['was'])
  const linked = fields?.['linked']
  if (place === undefined || was === undefined || typeof linked !== 'boolean') return undefined
  return { ...place, linked, was }
}

function parsePlace(value: unknown): Place | undefined {
  const { path, kept } = asFields(value) ?? {}
  return isPath(path) && isPath(kept) ? { path, kept } : undefined
}

function parseVersion(value: unknown): Version | undefined {
  const { inode, modifiedSeconds, bytes } = asFields(value) ?? {}
  const whole = isWhole(inode) && isWhole(modifiedSeconds) && isWhole(bytes)
  return whole ? { inode, modifiedSeconds, bytes } : undefined
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** Absolute, not the root, and nowhere else than it says: what was written by somebody else must not climb. */
function isPath(value: unknown): value is string {
  if (typeof value !== 'string' || !value.startsWith('/') || value === '/') return false
  return cleanPath(value) === value && !/\p{Cs}/u.test(value)
}
