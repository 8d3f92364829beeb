import { type FileStat, type System, SystemError } from '../machine/system.ts'
import { Largest } from './largest.ts'
import { type BootTimes, probeBootTimes } from './probe-boot-times.ts'
import type { RamLayer, RamLayers } from './ram-layers.ts'
import { isVolatile } from './root-paths.ts'

/** What would be gone if the machine rebooted now. */
export interface Lost {
  /** The largest, largest first. */
  readonly files: readonly LostFile[]
  /** Of all that were found, not of the largest alone. */
  readonly count: number
  readonly totalBytes: number
  /** Files and folders that were looked at, and those that could not be. */
  readonly entries: number
  readonly unseen: number
  /** Whether it stopped at MOST_ENTRIES: there may be more. */
  readonly stopped: boolean
}

export interface LostFile {
  /** As the booted system names it. */
  readonly path: string
  readonly bytes: number
  /** Of an overlay: the removal of a file of its base would be lost, the file comes back. */
  readonly removed: boolean
  readonly words: string
}

/** As many files and folders are looked at, in all layers together. */
export const MOST_ENTRIES = 200_000

export interface LostWish {
  readonly count: number
  /** What is volatile by design on the root itself, such as /tmp, as well. */
  readonly volatileToo: boolean
}

/** Walks the layers: no link is followed, no mount entered, no more than `most` entries looked at. */
export function probeLost(
  system: System,
  { layers, apart }: RamLayers,
  wish: LostWish,
  most = MOST_ENTRIES,
): Lost {
  const walk = new Walk(system, apart, wish, most)
  for (const layer of layers) walk.enter(layer)
  return walk.end()
}

class Walk {
  readonly #system: System
  readonly #apart: RamLayers['apart']
  readonly #wish: LostWish
  readonly #most: number
  readonly #times: BootTimes
  readonly #largest: Largest<LostFile>
  /** Device and inode of files that have several names: they count once. */
  readonly #linked = new Set<string>()
  #count = 0
  #totalBytes = 0
  #entries = 0
  #unseen = 0
  #stopped = false

  constructor(system: System, apart: RamLayers['apart'], wish: LostWish, most: number) {
    this.#system = system
    this.#apart = apart
    this.#wish = wish
    this.#most = most
    this.#times = probeBootTimes(system)
    this.#largest = new Largest(wish.count)
  }

  enter(layer: RamLayer): void {
    const waiting = ['']
    for (let inner = waiting.pop(); inner !== undefined; inner = waiting.pop()) {
      if (this.#entries >= this.#most) {
        this.#stopped = true
        return
      }
      if (this.#look(layer, inner) !== 'directory') continue
      waiting.push(...this.#list(layer, inner))
    }
  }

  end(): Lost {
    return {
      files: this.#largest.inOrder(),
      count: this.#count,
      totalBytes: this.#totalBytes,
      entries: this.#entries,
      unseen: this.#unseen,
      stopped: this.#stopped,
    }
  }

  #list(layer: RamLayer, inner: string): string[] {
    const folder = join(layer.folder, inner)
    const names = this.#try(() => this.#system.list(folder)) ?? []
    const paths = names.map((name) => `${inner}/${name}`).reverse()
    return paths.filter((path) => !this.#isApart(layer, path))
  }

  #isApart(layer: RamLayer, inner: string): boolean {
    if (this.#apart.has(join(layer.folder, inner))) return true
    // A mount of its own has been chosen already; what lies in a layer of the root has not.
    return !this.#wish.volatileToo && isVolatile(join(layer.name, inner))
  }

  #look(layer: RamLayer, inner: string): FileStat['kind'] | undefined {
    this.#entries++
    const stat = this.#try(() => this.#system.lstat(join(layer.folder, inner)))
    if (stat !== undefined) this.#add(layer, inner, stat)
    return stat?.kind
  }

  #add(layer: RamLayer, inner: string, stat: FileStat): void {
    // OverlayFS marks what was removed with a character device 0:0 (whiteout).
    const removed = layer.kind === 'upper' && stat.kind === 'character' && stat.names === '0:0'
    if (!removed && stat.kind !== 'file' && stat.kind !== 'symlink') return
    if (!this.#isChanged(layer, stat)) return
    if (stat.links > 1 && !removed && !this.#isFirst(stat)) return
    const bytes = removed ? 0 : stat.bytes
    this.#count++
    this.#totalBytes += bytes
    this.#largest.add({ path: join(layer.name, inner), bytes, removed, words: layer.words })
  }

  #isChanged({ kind }: RamLayer, { modifiedSeconds, changedSeconds }: FileStat): boolean {
    if (kind === 'upper') return true
    const { startedSeconds, copiedSeconds } = this.#times
    const since = kind === 'root' ? startedSeconds : copiedSeconds
    return Math.max(modifiedSeconds, changedSeconds) > since
  }

  #isFirst({ device, inode }: FileStat): boolean {
    const key = `${device} ${inode}`
    if (this.#linked.has(key)) return false
    this.#linked.add(key)
    return true
  }

  #try<Value>(look: () => Value): Value | undefined {
    try {
      return look()
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      // What has gone since its folder was read is not lost.
      if (error.code !== 'ENOENT') this.#unseen++
      return undefined
    }
  }
}

function join(folder: string, inner: string): string {
  return (folder === '/' ? inner : `${folder}${inner}`) || '/'
}
