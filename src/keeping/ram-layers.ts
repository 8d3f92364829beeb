import {
  contains,
  findMount,
  type Mount,
  parentsOf,
  visibleMounts,
} from '../formats/mount-table.ts'
import { RAM_FOLDER, RAM_IMAGE_FOLDER } from '../machine/places.ts'
import { findBacking, findMountedDevice, type KeepingFacts } from './backing.ts'
import { RAM_TYPES } from './file-systems.ts'
import { isVolatile, nameInside } from './root-paths.ts'
import { isFilesOverlay, NOT_LISTED } from './stateless-backing.ts'
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
}

export interface RamLayers {
  readonly layers: readonly RamLayer[]
  /** Paths, as seen from here, that no walk enters: mounts, and what another layer shows. */
  readonly apart: ReadonlySet<string>
}

/** Which mounts count: with `all` those that are volatile by design as well, such as /run. */
export function findRamLayers(all: KeepingFacts, volatileToo: boolean): RamLayers {
  const { facts, upperFolders } = all
  const real = (folder: string) => upperFolders.get(folder) ?? folder
  const visible = visibleMounts(facts.mounts)
  const layers = visible.flatMap((mount) => {
    const name = nameInside(facts.newRoot, mount.mountPoint)
    if (name === undefined || [RAM_FOLDER, RAM_IMAGE_FOLDER].includes(mount.mountPoint)) return []
    if (!volatileToo && isVolatile(name)) return []
    const backing = findBacking(all, mount)
    if (backing.verdict === 'lost') return [{ mount, name, words: backing.words }]
    return isFilesOverlay(mount) ? [{ mount, name, words: NOT_LISTED }] : []
  })
  // A folder that is bound to its own place is shown there, and not as a part of the whole.
  const special = [...layers].sort((a, b) => b.mount.root.length - a.mount.root.length)
  const once = new Map<string, (typeof layers)[number]>()
  for (const layer of special) {
    const key = treeKey(layer.mount, layer.mount.root)
    if (!once.has(key)) once.set(key, layer)
  }
  const layerFolders = visible.map(findUpperLayer).flatMap((layer) => {
    if (layer === undefined) return []
    return layer.work === undefined ? [real(layer.upper)] : [real(layer.upper), layer.work]
  })
  const elsewhere = [...once.values()].flatMap(({ mount: part }) =>
    parentsOf(part.root).flatMap((root) => {
      const whole = once.get(treeKey(part, root))
      return whole === undefined ? [] : [pathIn(whole.mount, part)]
    }),
  )
  const mountPoints = facts.mounts.map(({ mountPoint }) => mountPoint)
  return {
    layers: [...once.values()].map(({ mount, name, words }) => {
      const folder = real(findUpperLayer(mount)?.upper ?? mount.mountPoint)
      return { kind: kindOf(all, mount), folder, name, words }
    }),
    apart: new Set([...mountPoints, ...layerFolders, ...elsewhere, ...keptInUpper(all, visible)]),
  }
}

/** In the upper layers of folders with kept files, those files. */
function keptInUpper(
  { facts, listed, isCarried }: KeepingFacts,
  mounts: readonly Mount[],
): string[] {
  return mounts.filter(isFilesOverlay).flatMap((mount) => {
    const folder = nameInside(facts.newRoot, mount.mountPoint) ?? mount.mountPoint
    const upper = findUpperLayer(mount)?.upper
    const paths = [...listed.keys()].filter(
      (path) => contains(folder, path) && isCarried(path, 'missing'),
    )
    return upper === undefined ? [] : paths.map((path) => `${upper}${path.slice(folder.length)}`)
  })
}

function kindOf({ facts, status }: KeepingFacts, mount: Mount): RamLayer['kind'] {
  if (mount.fsType === 'overlay') return 'upper'
  if (RAM_TYPES.includes(mount.fsType)) return 'copies'
  const root = findMount(facts.mounts, facts.newRoot)
  const isRoot = status.snapshot !== undefined && root?.device === mount.device
  return isRoot && findMountedDevice(facts, mount) !== undefined ? 'root' : 'copies'
}

/** Two mounts with the same key show the same files. */
function treeKey({ device }: Mount, root: string): string {
  return `${device} ${root}`
}

/** The path in `whole` at which the same files are that `part`, a folder of it, shows. */
function pathIn(whole: Mount, part: Mount): string {
  const inner = whole.root === '/' ? part.root : part.root.slice(whole.root.length)
  return `${whole.mountPoint === '/' ? '' : whole.mountPoint}${inner}`
}
