import type { Config } from '../cmdline/config.ts'
import { neverOverflowBytes, orderlyBytes } from '../formats/never-overflow.ts'
import type { Facts } from '../machine/facts.ts'
import { RAM_FOLDER } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import { DEFAULT_CHUNK_SECTORS } from './judge-store.ts'
import type { RamStore } from './plan-snapshot.ts'

/** What may be filled with changes before the machine itself runs short. */
const MEMORY_SHARE = 0.75
/** What the tmpfs needs beside its one file. */
const TMPFS_MARGIN_BYTES = 1024 * 1024

/**
 * A store in RAM, in a tmpfs of its own: never larger than the tmpfs, so that it ends in an orderly overflow (reads go
 * on) and not in "no space" (the kernel then invalidates the snapshot). As large as rd.live.overlay.size= asks,
 * else as the base can need, and at most three quarters of the memory.
 */
export function planRamStore(config: Config, facts: Facts, baseSectors: number): RamStore {
  const wanted =
    config.overlay.temporaryBytes ?? neverOverflowBytes(baseSectors, DEFAULT_CHUNK_SECTORS)
  const most = Math.floor((facts.memoryBytes * MEMORY_SHARE) / 65536) * 65536
  const bytes = orderlyBytes(Math.min(wanted, most), DEFAULT_CHUNK_SECTORS)
  const file = `${RAM_FOLDER}/store`
  return {
    bytes,
    steps: [
      ...planRamFolder(bytes + TMPFS_MARGIN_BYTES),
      { kind: 'make-sparse-file', path: file, bytes },
      { kind: 'attach-loop', file, as: 'ram', readOnly: false },
    ],
  }
}

/** A tmpfs of that size at RAM_FOLDER. */
export function planRamFolder(bytes: number): Step[] {
  return [
    { kind: 'make-directory', path: RAM_FOLDER },
    {
      kind: 'mount',
      device: 'tmpfs',
      at: RAM_FOLDER,
      type: 'tmpfs',
      options: [`size=${bytes}`, 'mode=0700'],
    },
  ]
}
