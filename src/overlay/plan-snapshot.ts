import type { Config } from '../cmdline/config.ts'
import type { BlockDevice } from '../machine/facts.ts'
import type { CreateDmStep, Device, MountStep, Step } from '../plan/step.ts'
import { DEFAULT_CHUNK_SECTORS, type FitStore } from './judge-store.ts'
import { planReplaceRoot, type ReplaceRoot } from './plan-replace-root.ts'
import type { RootFacts } from './root-facts.ts'

/** The device that the root is mounted from afterwards; a name that others rely on. */
export const ROOT_DM = 'live-rw'
/** The snapshot below it: base and store together. */
export const SNAPSHOT_DM = 'live-snapshot'
/** The read-only view of base and store, when the store is not to be written (rd.live.overlay.readonly). */
export const READ_ONLY_DM = 'live-ro'

/** A dm-snapshot of `origin` whose changes go to `cow`: persistent, and readable when it is full (PO). */
export function createSnapshot(
  origin: { readonly node: Device; readonly sectors: number },
  cow: Device,
  chunkSectors: number,
  name = SNAPSHOT_DM,
): CreateDmStep {
  const table = [0, origin.sectors, 'snapshot', origin.node, cow, 'PO', chunkSectors]
  return { kind: 'create-dm', name, table, readOnly: false }
}

/**
 * The device that the root is mounted from. It stands on the snapshot and adds nothing: a snapshot that is full is
 * whole again only when it is made anew, and the root's own device stays while that is done under it.
 */
function createRootDevice(sectors: number): CreateDmStep {
  const table = [0, sectors, 'linear', `/dev/mapper/${SNAPSHOT_DM}`, 0]
  return { kind: 'create-dm', name: ROOT_DM, table, readOnly: false }
}

/** The store on its persistence device, when `prepared` has formatted and bound it, becomes the root's copy-on-write store. */
export function planPersistentRoot(
  config: Config,
  root: RootFacts & { readonly device: BlockDevice },
  store: FitStore,
  prepared: readonly Step[],
): ReplaceRoot {
  const attach: Step = {
    kind: 'attach-loop',
    file: store.path,
    as: 'store',
    readOnly: false,
    once: true,
  }
  const snapshot = createSnapshot(root.device, { loop: 'store' }, store.chunkSectors)
  const devices = [snapshot, createRootDevice(root.device.sectors)]
  const replaced = planReplaceRoot(root, devices, [mountRoot(config, root)])
  return { steps: [...prepared, attach, ...replaced.steps], letGo: replaced.letGo }
}

/** A store in RAM takes the changes, over the base alone. */
export function planTemporaryRoot(
  config: Config,
  root: RootFacts & { readonly device: BlockDevice },
  ram: RamStore,
): ReplaceRoot {
  const snapshot = createSnapshot(root.device, { loop: 'ram' }, DEFAULT_CHUNK_SECTORS)
  const devices = [snapshot, createRootDevice(root.device.sectors)]
  const replaced = planReplaceRoot(root, devices, [mountRoot(config, root)])
  return { steps: [...ram.steps, ...replaced.steps], letGo: replaced.letGo }
}

/** The store is read and never written; what is written now goes to RAM, over base and store together. */
export function planReadOnlyStoreRoot(
  config: Config,
  root: RootFacts & { readonly device: BlockDevice },
  store: FitStore,
  ram: RamStore,
): ReplaceRoot {
  if (store.blank) return planTemporaryRoot(config, root, ram)
  const { node, sectors } = root.device
  const attach: Step = {
    kind: 'attach-loop',
    file: store.path,
    as: 'store',
    readOnly: true,
    once: true,
  }
  const table = [0, sectors, 'snapshot', node, { loop: 'store' }, 'P', store.chunkSectors]
  const lower: Step = { kind: 'create-dm', name: READ_ONLY_DM, table, readOnly: true }
  const origin = { node: `/dev/mapper/${READ_ONLY_DM}`, sectors }
  const upper = createSnapshot(origin, { loop: 'ram' }, DEFAULT_CHUNK_SECTORS)
  const devices = [lower, upper, createRootDevice(sectors)]
  const replaced = planReplaceRoot(root, devices, [mountRoot(config, root)])
  return { steps: [...ram.steps, attach, ...replaced.steps], letGo: replaced.letGo }
}

/** The steps that make a store in RAM and attach it as 'ram'. */
export interface RamStore {
  readonly bytes: number
  readonly steps: readonly Step[]
}

/** The snapshot at the root's place. ro and rw are those of an ordinary root; a live one is writable. */
function mountRoot(config: Config, root: RootFacts): MountStep {
  return {
    kind: 'mount',
    device: `/dev/mapper/${ROOT_DM}`,
    at: root.mount.mountPoint,
    type: root.mount.fsType,
    options: rootOptions(config),
    isRoot: true,
  }
}

/** rootflags= wins over ro and rw; on a live root ro and rw are the medium's, not the root's. */
export function rootOptions(config: Config): string[] {
  const mode = config.root.kind === 'live' ? 'rw' : (config.rootMode ?? 'ro')
  return [mode, ...config.rootFlags]
}
