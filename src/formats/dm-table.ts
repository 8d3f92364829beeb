/*
 * Tables and status lines of device mapper, as dmsetup(8) takes and prints them. The snapshot target's
 * are described in the kernel's Documentation/admin-guide/device-mapper/snapshot.rst:
 *   <start> <sectors> snapshot <origin> <cow> <P|PO|N> <chunk sectors> [<count> <feature>...]
 * and the linear target's in linear.rst: <start> <sectors> linear <device> <offset sectors>
 */

/** PO: persistent, overflow kept apart from damage. P: the same without. N: gone with the device. */
export type Persistence = 'PO' | 'P' | 'N'

export interface SnapshotArguments {
  readonly origin: string
  readonly cow: string
  readonly persistent: Persistence
  readonly chunkSectors: number
}

export interface LinearArguments {
  readonly device: string
  readonly offsetSectors: number
}

interface Extent {
  readonly startSectors: number
  readonly sectors: number
}

export type DmTarget =
  | (Extent &
      SnapshotArguments & {
        readonly kind: 'snapshot' | 'snapshot-merge'
        readonly features: readonly string[]
      })
  | (Extent & LinearArguments & { readonly kind: 'linear' })
  /** Any other target, and one whose arguments are not as the kernel prints them. */
  | (Extent & { readonly kind: 'other'; readonly type: string; readonly args: readonly string[] })

/** The targets in the text of `dmsetup table <name>`; lines that are not targets are left out. */
export function parseDmTable(text: string): DmTarget[] {
  const targets: DmTarget[] = []
  for (const line of text.split('\n')) {
    const [start, length, type, ...args] = splitWords(line)
    const startSectors = parseCount(start)
    const sectors = parseCount(length)
    if (startSectors === undefined || sectors === undefined || type === undefined) continue
    const extent = { startSectors, sectors }
    targets.push(
      parseSnapshot(extent, type, args) ??
        parseLinear(extent, type, args) ?? { ...extent, kind: 'other', type, args },
    )
  }
  return targets
}

function parseSnapshot(
  extent: Extent,
  kind: string,
  args: readonly string[],
): DmTarget | undefined {
  if (kind !== 'snapshot' && kind !== 'snapshot-merge') return undefined
  const [origin, cow, persistent, chunk, , ...features] = args
  const chunkSectors = parseCount(chunk)
  if (origin === undefined || cow === undefined || chunkSectors === undefined) return undefined
  if (persistent !== 'PO' && persistent !== 'P' && persistent !== 'N') return undefined
  return { ...extent, kind, origin, cow, persistent, chunkSectors, features }
}

function parseLinear(extent: Extent, kind: string, args: readonly string[]): DmTarget | undefined {
  const [device, offset] = args
  const offsetSectors = parseCount(offset)
  if (kind !== 'linear' || device === undefined || offsetSectors === undefined) return undefined
  return { ...extent, kind, device, offsetSectors }
}

export type SnapshotStatus =
  | {
      readonly kind: 'active'
      readonly usedSectors: number
      readonly totalSectors: number
      readonly metadataSectors: number
    }
  | { readonly kind: 'invalid' | 'overflow' | 'merge-failed' | 'unknown' }

/** The state of the first snapshot in the text of `dmsetup status <name>`; anything else is unknown. */
export function parseSnapshotStatus(text: string): SnapshotStatus {
  for (const line of text.split('\n')) {
    const [, , type, ...words] = splitWords(line)
    if (type === 'snapshot' || type === 'snapshot-merge') return parseState(words.join(' '))
  }
  return { kind: 'unknown' }
}

function parseState(state: string): SnapshotStatus {
  if (state === 'Invalid') return { kind: 'invalid' }
  if (state === 'Overflow') return { kind: 'overflow' }
  if (state === 'Merge failed') return { kind: 'merge-failed' }
  const numbers = /^(\d+)\/(\d+) (\d+)$/.exec(state)
  const [used, total, metadata] = (numbers ?? []).slice(1).map(parseCount)
  if (used === undefined || total === undefined || metadata === undefined)
    return { kind: 'unknown' }
  return { kind: 'active', usedSectors: used, totalSectors: total, metadataSectors: metadata }
}

function splitWords(line: string): string[] {
  return line.split(' ').filter((word) => word !== '')
}

function parseCount(word: string | undefined): number | undefined {
  if (word === undefined || !/^\d+$/.test(word)) return undefined
  const count = Number(word)
  return Number.isSafeInteger(count) ? count : undefined
}
