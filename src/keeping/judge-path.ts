import { contains, type Mount, mountOf } from '../formats/mount-table.ts'
import { type Backing, findBacking, type KeepingFacts } from './backing.ts'
import { KERNEL_TYPES } from './file-systems.ts'
import type { Place } from './probe-place.ts'
import { nameInside, seenAt } from './root-paths.ts'
import { fileBacking, isFilesOverlay } from './stateless-backing.ts'

/** Whether what is written at a path now survives a reboot. */
export interface Keeping {
  readonly verdict: Backing['verdict'] | 'no-file'
  readonly place: Place
  /** The mount that decides, and its name inside the booted system. */
  readonly mount: Mount | undefined
  readonly mountPoint: string | undefined
  readonly mechanism: Backing['mechanism']
  readonly device: string | undefined
  /** Through what, or why not. */
  readonly words: string
  /** What else should be known, a phrase each. */
  readonly remarks: readonly string[]
}

/** Judges a place by the mount that it lies on, and by all that this mount stands on; for a path that is missing, its nearest folder's. */
export function judgePath(all: KeepingFacts, place: Place): Keeping {
  const { facts } = all
  const mount = mountOf(facts.mounts, seenAt(facts.newRoot, place.nearest))
  const mountPoint = mount && nameInside(facts.newRoot, mount.mountPoint)
  const base = { place, mount, mountPoint }
  const nothing = { mechanism: undefined, device: undefined, remarks: [] }
  if (place.code === 'ELOOP') {
    return { ...base, ...nothing, verdict: 'unclear', words: 'its links lead in circles' }
  }
  if (mount === undefined || mountPoint === undefined) {
    return { ...base, ...nothing, verdict: 'unclear', words: 'no root is mounted' }
  }
  const remarks = [
    ...sayMissing(place),
    ...sayBoundFile(place, mountPoint),
    ...sayHidden(all, mount, place),
  ]
  if (KERNEL_TYPES.includes(mount.fsType)) {
    const words = `${mount.fsType} at ${mountPoint}: the kernel's, no files`
    return { ...base, ...nothing, verdict: 'no-file', words }
  }
  const below = findBacking(all, mount)
  const backing = isFilesOverlay(mount) ? fileBacking(all, place, below) : below
  if ([...mount.options, ...mount.superOptions].includes('ro')) {
    const words = `${mountPoint === '/' ? 'the root' : mountPoint} is mounted read-only`
    return { ...base, ...nothing, verdict: 'unwritable', words, remarks }
  }
  return { ...base, ...backing, remarks }
}

function sayMissing({ code, nearest }: Place): string[] {
  if (code === undefined) return []
  const why = code === 'ENOENT' ? 'not there yet' : `cannot be looked at (${code})`
  return [`${why}: ${nearest} decides`]
}

/** rename(2), unlink(2) and so sed -i, passwd and every editor fail with EBUSY on what is mounted over. */
function sayBoundFile({ kind, path }: Place, mountPoint: string): string[] {
  const isBound = path === mountPoint && kind !== undefined && kind !== 'directory'
  return isBound ? ['a bind-mounted file: it cannot be renamed over'] : []
}

/** Of the mounts that the path would lie on, those that a later one covers. */
function sayHidden({ facts }: KeepingFacts, mount: Mount, { nearest }: Place): string[] {
  if (mount.mountPoint === facts.newRoot) return []
  const path = seenAt(facts.newRoot, nearest)
  const hidden = facts.mounts.filter(
    (other) =>
      other !== mount &&
      other.fsType !== 'autofs' &&
      contains(other.mountPoint, path) &&
      contains(mount.mountPoint, other.mountPoint),
  )
  return hidden.map(({ fsType, source, mountPoint }) => {
    const at = nameInside(facts.newRoot, mountPoint) ?? mountPoint
    return `hides ${fsType} of ${source} at ${at}`
  })
}
