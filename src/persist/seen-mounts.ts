import { findMount, type Mount, mountsBelow } from '../formats/mount-table.ts'
import { DROPPED_FOLDER, isFilesOverlay } from '../keeping/stateless-backing.ts'
import { SCRATCH_FOLDER } from '../machine/places.ts'
import type { FileStat } from '../machine/system.ts'
import type { StateFacts } from './state-facts.ts'

/** How what is written at a path reaches the state file system; undefined where it does not. */
export type Effect = 'bind' | 'overlay'

/** Whether a file there is seen through an upper layer that is on the state file system. */
export function isInLayer(
  state: StateFacts,
  path: string,
  kind: FileStat['kind'] | 'missing',
): boolean {
  const mount = state.mountOf(path)
  return mount !== undefined && isFilesOverlay(mount) && (kind === 'file' || kind === 'missing')
}

/**
 * Whether the path shows its copy on the state file system, or lies in a folder whose upper layer is there, out of which
 * the next boot takes it.
 */
export function findEffect(
  state: StateFacts,
  path: string,
  kind: FileStat['kind'] | 'missing',
  // The original keeps a path by the name that was listed, through whatever link.
  names = state.entries.filter(({ at }) => at === path).map((entry) => entry.path),
): Effect | undefined {
  const mount = state.mountOf(path)
  if (mount === undefined) return undefined
  if (isFilesOverlay(mount)) return state.isCarried(path, kind) ? 'overlay' : undefined
  const shown = joinPaths(mount.root, path.slice(lengthOf(mount.mountPoint)))
  const isCopy = [path, ...names].some((name) => shown === joinPaths(state.mount.root, name))
  return isCopy && mount.device === state.mount.device ? 'bind' : undefined
}

/** The name in DROPPED_FOLDER of what is mounted at that path since it was unpersisted; undefined where nothing is. */
export function findDropped(state: StateFacts, path: string): string | undefined {
  const mount = state.mountOf(path)
  return mount?.mountPoint === path ? droppedName(state, mount) : undefined
}

/** The same of a mount. */
export function droppedName(
  state: Pick<StateFacts, 'mount'>,
  { device, root }: Mount,
): string | undefined {
  const folder = `${joinPaths(state.mount.root, `/${DROPPED_FOLDER}`)}/`
  if (device !== state.mount.device || !root.startsWith(folder)) return undefined
  // The kernel marks a file that has no name any more.
  return root
    .slice(folder.length)
    .replace(/\/\/deleted$/, '')
    .split('/')[0]
}

/** The mounts below a path by what they are: those of kept paths, those of scratch, and anybody else's; but for kept files. */
export function sortMountsBelow(
  state: StateFacts,
  path: string,
): { readonly kept: Mount[]; readonly scratch: Mount[]; readonly foreign: Mount[] } {
  const scratchDevice = findMount(state.mounts, SCRATCH_FOLDER)?.device
  const below = mountsBelow(state.mounts, path).filter((mount) => !isFilesOverlay(mount))
  const kept = below.filter((mount) => mount.device === state.mount.device)
  const scratch = below.filter(({ device }) => device === scratchDevice)
  return {
    kept,
    scratch,
    foreign: below.filter((mount) => !kept.includes(mount) && !scratch.includes(mount)),
  }
}

function joinPaths(folder: string, path: string): string {
  return (folder === '/' ? path : `${folder}${path}`) || '/'
}

function lengthOf(mountPoint: string): number {
  return mountPoint === '/' ? 0 : mountPoint.length
}
