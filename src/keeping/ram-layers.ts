import { contains, findMount, type Mount } from '../formats/mount-table.ts'
import { RAM_FOLDER, RAM_IMAGE_FOLDER } from '../machine/places.ts'
import { findBacking, findMountedDevice, type KeepingFacts } from './backing.ts'
import { RAM_TYPES } from './file-systems.ts'
import { isVolatile, nameInside } from './root-paths.ts'
import { findUpperLayer } from './upper-layer.ts'

/** Files that are in RAM alone: a tree to be walked. */
export interface RamLayer {
  /**
   * upper: every file in it is a change. copies: a file may be a copy that was made at boot, and its times tell. root:
   * what the base has is in it too, and the times are all there is to tell by: its store knows chunks, not files.
   */
  readonly kind: 'upper' | 'copies' | 'root'
  /** Where the tree is seen from here, and what the booted system calls the same folder. */
  readonly folder: string
  readonly name: string
  /** Why its files would be lost. */
  readonly words: string
  /** Paths, as seen from here, that are not part of it: mounts, and what another layer shows. */
  readonly apart: ReadonlySet<string>
}

/** Which mounts count: with `all` those that are volatile by design as well, such as /run. */
export function findRamLayers(all: KeepingFacts, volatileToo: boolean): RamLayer[] {
  const { facts } = all
  const visible = facts.mounts.filter(
    (mount) => findMount(facts.mounts, mount.mountPoint) === mount,
  )
  const layers = visible.flatMap((mount) => {
    const name = nameInside(facts.newRoot, mount.mountPoint)
    if (name === undefined || [RAM_FOLDER, RAM_IMAGE_FOLDER].includes(mount.mountPoint)) return []
    if (!volatileToo && isVolatile(name)) return []
    const backing = findBacking(all, mount)
    return backing.verdict === 'lost' ? [{ mount, name, words: backing.words }] : []
  })
  // A folder that is bound to its own place is shown there, and not as a part of the whole.
  const special = [...layers].sort((a, b) => b.mount.root.length - a.mount.root.length)
  const once = special.filter(
    ({ mount }, at) => special.findIndex((other) => isSame(other.mount, mount)) === at,
  )
  const mountPoints = facts.mounts.map(({ mountPoint }) => mountPoint)
  const layersOfOverlays = visible
    .map(findUpperLayer)
    .flatMap((layer) => (layer === undefined ? [] : [layer.upper, layer.work ?? layer.upper]))
  return once.map(({ mount, name, words }) => {
    const elsewhere = once.flatMap((other) => pathOfRoot(mount, other.mount))
    const apart = new Set([...mountPoints, ...layersOfOverlays, ...elsewhere])
    const upper = findUpperLayer(mount)?.upper
    const folder = mount.fsType === 'overlay' && upper !== undefined ? upper : mount.mountPoint
    apart.delete(folder)
    return { kind: kindOf(all, mount), folder, name, words, apart }
  })
}

function kindOf({ facts, status }: KeepingFacts, mount: Mount): RamLayer['kind'] {
  if (mount.fsType === 'overlay') return 'upper'
  if (RAM_TYPES.includes(mount.fsType)) return 'copies'
  const root = findMount(facts.mounts, facts.newRoot)
  const isRoot = status.snapshot !== undefined && root?.device === mount.device
  return isRoot && findMountedDevice(facts, mount) !== undefined ? 'root' : 'copies'
}

function isSame(a: Mount, b: Mount): boolean {
  return a.device === b.device && a.root === b.root
}

/** The path in `whole` at which the same files are that `part` shows; none where it shows others, or as many. */
function pathOfRoot(whole: Mount, part: Mount): string[] {
  if (whole.device !== part.device || whole.root === part.root) return []
  if (!contains(whole.root, part.root)) return []
  const inner = whole.root === '/' ? part.root : part.root.slice(whole.root.length)
  return [`${whole.mountPoint === '/' ? '' : whole.mountPoint}${inner}`]
}
