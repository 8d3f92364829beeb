import type { Mount } from '../formats/mount-table.ts'
import { FILES_SOURCE } from '../machine/places.ts'
import { foldersAbove } from '../stateless/paths.ts'
import type { Backing, KeepingFacts } from './backing.ts'
import { RAM_TYPES } from './file-systems.ts'
import type { Place } from './probe-place.ts'

/** In the state file system: what was unpersisted stays there, and mounted, until the next boot. */
export const DROPPED_FOLDER = '.holdfast-dropped'

/** Whether the mount shows what rwtab or statetab lists: a part of the scratch or of the state file system. */
export function findListedMount(
  { scratchDevice, stateDevice }: KeepingFacts,
  { device, root }: Mount,
): 'scratch' | 'dropped' | 'state' | undefined {
  if (device === scratchDevice) return 'scratch'
  if (device !== stateDevice) return undefined
  return root.includes(`/${DROPPED_FOLDER}/`) ? 'dropped' : 'state'
}

/**
 * What is written to such a mount is lost on scratch, which a boot begins empty even where it is on a device, and kept on the state
 * file system, unless it was unpersisted. `below` is where that file system itself keeps it.
 */
export function listedBacking(
  all: KeepingFacts,
  kind: 'scratch' | 'dropped' | 'state',
  at: string,
  { fsType }: Mount,
  below: Backing,
): Backing {
  if (kind === 'dropped') {
    const words = `${at} was unpersisted: the next boot shows the image's own`
    return { verdict: 'lost', mechanism: 'state', device: undefined, words }
  }
  if (kind === 'scratch') {
    const inRam = RAM_TYPES.includes(fsType)
    const where = inRam ? `${fsType} at ${at}` : `scratch at ${at}, which every boot begins empty`
    const words = `${where}${origin(all, at)}`
    return { verdict: 'lost', mechanism: inRam ? 'ram' : 'scratch', device: undefined, words }
  }
  if (below.verdict !== 'kept') return below
  return { ...below, mechanism: 'state', words: `on ${below.device}, with ${at}${origin(all, at)}` }
}

/** Whether the mount shows a folder with single files that are kept: of what is written there, those alone. */
export function isFilesOverlay({ fsType, source }: Mount): boolean {
  return fsType === 'overlay' && source === FILES_SOURCE
}

/** What becomes of a path in such a folder; `below` is where its upper layer is. */
export function fileBacking(all: KeepingFacts, { path, kind }: Place, below: Backing): Backing {
  if (below.verdict !== 'kept') return below
  const by = [path, ...foldersAbove(path)].find((each) => all.listed.has(each))
  const isCarried = by !== undefined && all.isCarried(path, kind ?? 'missing')
  if (isCarried) {
    return { ...below, mechanism: 'state', words: `on ${below.device}${origin(all, by)}` }
  }
  if (isCarried === undefined) {
    const words = `it is listed${origin(all, by ?? path)}: ${ASK_ROOT}`
    return { verdict: 'unclear', mechanism: undefined, device: undefined, words }
  }
  const words = by === path ? `it is listed${origin(all, by)}, but ${NOT_TAKEN_UP}` : NOT_LISTED
  return { verdict: 'lost', mechanism: 'upper-layer', device: undefined, words }
}

/** Where the record of what is kept cannot be read. */
export const ASK_ROOT = 'only root can see whether it is kept'

const NOT_TAKEN_UP = 'the boot has not taken it up: the next one shows what it had before'

/** Why a change beside kept files is lost. */
export const NOT_LISTED = 'it is not listed: the next boot shows what it had before'

/** Where the path is listed, in brackets. */
function origin({ listed }: KeepingFacts, at: string): string {
  const found = listed.get(at)
  return found === undefined ? '' : ` (${found})`
}
