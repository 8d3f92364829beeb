import { COW_PROBE_BYTES, parseCowHeader } from '../formats/cow-store.ts'
import { readCowUsage } from '../formats/cow-usage.ts'
import { attempt } from '../machine/attempt.ts'
import type { Facts } from '../machine/facts.ts'
import { probeContent } from '../machine/probe.ts'
import type { FileStat, System } from '../machine/system.ts'
import type { StoreFacts } from './store-facts.ts'

/**
 * What lies at `path` (absolute) below `folder`, where the persistence device is mounted. What is on it may
 * have been put there by anybody: a symbolic link on the way is not followed, and nothing but a regular
 * file is opened. Changes nothing.
 */
export function probeStore(system: System, facts: Facts, folder: string, path: string): StoreFacts {
  const parts = path.split('/').filter((part) => part !== '')
  let at = folder
  for (const [index, part] of parts.entries()) {
    at = `${at}/${part}`
    const here = at
    const stat = attempt(() => system.lstat(here), undefined)
    if (stat === undefined) return { kind: 'missing' }
    const last = index === parts.length - 1
    if (stat.kind === 'directory') continue
    if (!last || stat.kind !== 'file') return { kind: 'unfit', why: `${part} is a ${stat.kind}` }
    return probeStoreFile(system, facts, at, stat)
  }
  return { kind: 'directory', path: at }
}

function probeStoreFile(system: System, facts: Facts, path: string, stat: FileStat): StoreFacts {
  const { bytes, allocatedSectors } = stat
  const read = (offset: number, length: number) => system.readBytes(path, offset, length)
  const start = attempt(() => read(0, COW_PROBE_BYTES), undefined)
  if (start === undefined) return { kind: 'unfit', why: 'it cannot be read' }
  const header = parseCowHeader(start)
  const device = facts.devices.find((device) => device.loop?.backingFile === path)
  return {
    kind: 'file',
    path,
    bytes,
    sparse: allocatedSectors * 512 < bytes,
    header,
    usage:
      header.kind === 'store'
        ? attempt(() => readCowUsage(read, header.chunkSectors, bytes), undefined)
        : undefined,
    content: header.kind === 'store' ? undefined : probeContent(system, path)?.type,
    loop: device?.node,
  }
}
