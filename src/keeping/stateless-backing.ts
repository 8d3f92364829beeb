import type { Mount } from '../formats/mount-table.ts'
import type { Backing, KeepingFacts } from './backing.ts'
import { RAM_TYPES } from './file-systems.ts'

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

/** Where the path is listed, in brackets. */
function origin({ listed }: KeepingFacts, at: string): string {
  const found = listed.get(at)
  return found === undefined ? '' : ` (${found})`
}
