import { type ByteReader, formatBytes } from '../formats/bytes.ts'
import { COW_PROBE_BYTES, type CowHeader, parseCowHeader } from '../formats/cow-store.ts'
import { type CowUsage, readCowUsage } from '../formats/cow-usage.ts'
import { mountOf } from '../formats/mount-table.ts'
import { attempt } from '../machine/attempt.ts'
import { type Facts, findDeviceByNumber } from '../machine/facts.ts'
import { placedReader, UnreadableError } from '../machine/placed-reader.ts'
import { probeContent, probeMounts } from '../machine/probe.ts'
import type { FileStat, System } from '../machine/system.ts'
import { longestFileBytes } from './longest-file.ts'
import { probeAttached } from './probe-attached.ts'
import { copyPath, oldPath } from './recovery-paths.ts'
import type { StoreFacts, Unreadable } from './store-facts.ts'

/**
 * What lies at `path` (absolute) below `folder`, where the persistence device is mounted. What is on it may
 * have been put there by anybody: a symbolic link on the way is not followed, another file system not entered, and
 * nothing but a regular file that has no other name is opened. Changes nothing.
 */
export function probeStore(system: System, facts: Facts, folder: string, path: string): StoreFacts {
  const holder = attempt(() => system.stat(folder === '' ? '/' : folder).device, undefined)
  const parts = path.split('/').filter((part) => part !== '')
  let at = folder
  for (const [index, part] of parts.entries()) {
    at = `${at}/${part}`
    const here = at
    const stat = attempt(() => system.lstat(here), undefined)
    const last = index === parts.length - 1
    if (stat === undefined) {
      return { kind: last && isInterrupted(system, at) ? 'interrupted' : 'missing' }
    }
    if (stat.kind !== 'directory' && (!last || stat.kind !== 'file')) {
      return { kind: 'unfit', why: `${part} is a ${stat.kind}` }
    }
    if (stat.device !== holder && liesElsewhere(system, folder, at)) {
      return { kind: 'unfit', why: `${part} lies on another file system` }
    }
    if (stat.kind === 'directory') continue
    const why = misfit(facts, stat)
    return why === undefined ? probeStoreFile(system, facts, at, stat) : { kind: 'unfit', why }
  }
  return { kind: 'directory', path: at }
}

/** Whether old store and cured copy of a recovery lie beside a path; what nothing lies at has been interrupted then. */
export function isInterrupted(system: System, path: string): boolean {
  const kindOf = (name: string) => attempt(() => system.lstat(name).kind, undefined)
  return [copyPath(path), oldPath(path)].every((name) => kindOf(name) === 'file')
}

/** The subvolumes of btrfs have device numbers of their own: only a mount between the two parts file systems. */
function liesElsewhere(system: System, folder: string, path: string): boolean {
  const mounts = probeMounts(system)
  const holder = mountOf(mounts, folder === '' ? '/' : folder)
  return holder === undefined || mountOf(mounts, path)?.mountId !== holder.mountId
}

/** Why a regular file cannot be a store whatever it holds. */
function misfit(facts: Facts, stat: FileStat): string | undefined {
  if (stat.links > 1) return `it has ${stat.links} names (hard links), and a store has one`
  if (!Number.isSafeInteger(stat.bytes)) return 'it is longer than any disk'
  const disk = findDeviceByNumber(facts, stat.device)
  if (disk === undefined || stat.bytes <= disk.sectors * 512) return undefined
  const lengths = [stat.bytes, disk.sectors * 512].map(formatBytes)
  return `it claims to be longer (${lengths[0]}) than the disk that it lies on (${lengths[1]})`
}

function probeStoreFile(system: System, facts: Facts, path: string, stat: FileStat): StoreFacts {
  const { bytes, allocatedSectors } = stat
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  const read = placedReader(system, path)
  const start = readable(() => read(0, COW_PROBE_BYTES))
  if ('kind' in start) return start
  const header = parseCowHeader(start)
  return {
    kind: 'file',
    path,
    bytes,
    allocatedBytes: allocatedSectors * 512,
    holderFreeBytes: attempt(() => system.freeBytes(folder), 0),
    longestBytes: probeLongest(system, path),
    header,
    usage: readable(() => probeUsage(read, header, bytes)),
    content: isStore(header) ? undefined : probeContent(system, path)?.type,
    loop: probeAttached(system, facts, path, stat)[0]?.node,
  }
}

/** The most bytes that a file at that path can have; undefined where its file system sets no limit to a store. */
export function probeLongest(system: System, path: string): number | undefined {
  const mounts = probeMounts(system)
  return longestFileBytes(mountOf(mounts, path)?.fsType)
}

/** Also one that the kernel refuses: it is no image of something else. */
function isStore({ kind }: CowHeader): boolean {
  return kind === 'store' || kind === 'unfit'
}

/** As much as reset empties, and more than lies before the first entries of chunks of up to 32 KiB. */
const BLANK_BYTES = 65536

/**
 * How full it is. The kernel takes a file for blank when its header is, and would format a store that has lost its
 * header: where entries may follow, that is damage. undefined where nothing but zeros, or no store, is there.
 */
function probeUsage(read: ByteReader, header: CowHeader, bytes: number): CowUsage | undefined {
  if (header.kind === 'store') return readCowUsage(read, header.chunkSectors, bytes)
  if (header.kind !== 'blank') return undefined
  if (read(0, BLANK_BYTES).every((byte) => byte === 0)) return undefined
  return { kind: 'corrupt', why: 'where its header should be are zeros, and not behind that' }
}

/** What `read` gives, or where it could not go on. */
export function readable<T>(read: () => T): T | Unreadable {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnreadableError) return { kind: 'unreadable', why: error.why }
    throw error
  }
}
