import { parseMountInfo } from '../../src/formats/mount-table.ts'
import type { SuperblockType } from '../../src/formats/superblock.ts'
import type { BlockDevice, Facts } from '../../src/machine/facts.ts'
import type { StoreFile } from '../../src/overlay/store-facts.ts'

/** Facts of a machine with 1 GiB of memory in the initramfs; `mounts` are mountinfo lines without ids, see mountLine. */
export function factsOf(devices: readonly BlockDevice[], mounts: readonly string[] = []): Facts {
  const lines = ['1 0 0:1 / / rw - rootfs rootfs rw', '2 1 0:2 / /run rw - tmpfs tmpfs rw']
  return {
    cmdline: '',
    newRoot: '/sysroot',
    mounts: parseMountInfo([...lines, ...mounts].join('\n')),
    devices,
    memoryBytes: 2 ** 30,
    missingModules: [],
  }
}

/** A disk of 1 GiB by the kernel's name, of that number and with that on it. */
export function disk(
  name: string,
  number: string,
  type?: SuperblockType,
  more: Partial<BlockDevice> = {},
): BlockDevice {
  return {
    name,
    node: `/dev/${name}`,
    number,
    sectors: 2 ** 21,
    readOnly: false,
    partition: false,
    links: [],
    content: type && { type },
    dm: undefined,
    loop: undefined,
    slaves: [],
    holders: [],
    ...more,
  }
}

/** A loop device that stays until it is detached. */
export function loop(
  number: number,
  backingFile: string,
  more: Partial<BlockDevice> = {},
): BlockDevice {
  const attached = { backingFile, autoClear: false }
  return disk(`loop${number}`, `7:${number}`, undefined, { loop: attached, ...more })
}

/** A device-mapper device that stands on others. */
export function dm(
  number: number,
  name: string,
  uuid: string,
  slaves: readonly string[],
): BlockDevice {
  return disk(`dm-${number}`, `254:${number}`, undefined, { dm: { name, uuid }, slaves })
}

const blank: StoreFile = {
  kind: 'file',
  path: '/run/initramfs/overlayfs/persist.img',
  bytes: 300 << 20,
  allocatedBytes: 300 << 20,
  holderFreeBytes: 100 << 20,
  header: { kind: 'blank' },
  usage: undefined,
  content: undefined,
  loop: undefined,
}

/** The 300 MB of zeros of the original recipe, but for what is different. */
export function storeFile(different: Partial<StoreFile> = {}): StoreFile {
  return { ...blank, ...different }
}

/** A store with `exceptions` changed chunks, as an earlier boot left it. */
export function usedStore(chunkSectors: number, exceptions: number): StoreFile {
  return storeFile({
    header: { kind: 'store', valid: true, version: 1, chunkSectors },
    usage: {
      kind: 'sound',
      exceptions,
      usedSectors: (2 + exceptions) * chunkSectors,
      metadataSectors: chunkSectors,
      totalSectors: (300 << 20) / 512,
      leastBaseSectors: 0,
      stale: undefined,
    },
  })
}
