import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command, inMountNamespace } from './command.ts'
import { scratchPath } from './disk.ts'
import { lvmTree } from './lvm.ts'
import type { Suite } from './tree.ts'

const EXTENT_BYTES = 4 << 20
const START_BYTES = 1 << 20
const PV_ID = 'HoldFa-st00-0000-0000-0000-0000-0000PV'

/** What a disk with volumes is read by: where each of them lies on it, in bytes. */
export interface LvmDisk {
  readonly file: string
  readonly volumes: Readonly<Record<string, { readonly offset: number; readonly bytes: number }>>
}

/** A disk that is the volume group HostVG. `images` are the contents of its volumes by name, each of whole 4 MiB. */
export async function lvmDisk(
  suite: Suite,
  images: Readonly<Record<string, string>>,
): Promise<LvmDisk> {
  const file = scratchPath('lvm.disk')
  const metadata = `${file}.metadata`
  const volumes: Record<string, { offset: number; bytes: number }> = {}
  let end = START_BYTES
  for (const [name, image] of Object.entries(images)) {
    const { size: bytes } = statSync(image)
    volumes[name] = { offset: end, bytes }
    end += bytes
  }
  mkdirSync(metadata)
  writeFileSync(join(metadata, 'HostVG'), formatMetadata(end, volumes))
  await command(['truncate', '-s', String(end + EXTENT_BYTES), file])
  await inMountNamespace(MAKE, [await lvmTree(suite), file, metadata, PV_ID])
  for (const [name, image] of Object.entries(images)) {
    await command([
      ...['dd', 'status=none', 'conv=notrunc', 'bs=1M', `if=${image}`, `of=${file}`],
      `seek=${(volumes[name]?.offset ?? 0) >> 20}`,
    ])
  }
  rmSync(metadata, { recursive: true })
  return { file, volumes }
}

/** A copy of one of its volumes, as it is now. */
export async function volumeFrom({ file, volumes }: LvmDisk, name: string): Promise<string> {
  const { offset, bytes } = volumes[name] ?? { offset: 0, bytes: 0 }
  const copy = scratchPath(name)
  await command([
    ...['dd', 'status=none', 'bs=1M', `if=${file}`, `of=${copy}`],
    ...[`skip=${offset >> 20}`, `count=${bytes >> 20}`],
  ])
  return copy
}

// A volume is made by restoring metadata that has one: to create it, device-mapper would have to be here.
const MAKE = `cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount --bind "$3" mnt
loop=$(losetup --find --show "$2")
trap 'losetup --detach "$loop"' EXIT
config="devices { filter = [ \\"a|$loop|\\", \\"r|.*|\\" ] use_devicesfile = 0 }
  activation { udev_sync = 0 udev_rules = 0 monitoring = 0 } backup { backup = 0 archive = 0 }"
chroot . lvm pvcreate --config "$config" --yes --uuid "$4" --restorefile /mnt/HostVG "$loop"
chroot . lvm vgcfgrestore --config "$config" --file /mnt/HostVG HostVG`

function formatMetadata(end: number, volumes: LvmDisk['volumes']): string {
  return `contents = "Text Format Volume Group"
version = 1
description = "test"
creation_host = "test"
creation_time = 1700000000
HostVG {
  id = "HoldFa-st00-0000-0000-0000-0000-HostVG"
  seqno = 1
  format = "lvm2"
  status = ["RESIZEABLE", "READ", "WRITE"]
  flags = []
  extent_size = ${EXTENT_BYTES / 512}
  max_lv = 0
  max_pv = 0
  metadata_copies = 0
  physical_volumes {
    pv0 {
      id = "${PV_ID}"
      device = "/dev/sdb"
      status = ["ALLOCATABLE"]
      flags = []
      dev_size = ${(end + EXTENT_BYTES) / 512}
      pe_start = ${START_BYTES / 512}
      pe_count = ${(end - START_BYTES) / EXTENT_BYTES}
    }
  }
  logical_volumes {
${Object.entries(volumes)
  .map(([name, volume], index) => formatVolume(name, index, volume))
  .join('')}  }
}
`
}

function formatVolume(
  name: string,
  index: number,
  { offset, bytes }: { offset: number; bytes: number },
): string {
  return `    ${name} {
      id = "HoldFa-st00-0000-0000-0000-0000-Volum${index}"
      status = ["READ", "WRITE", "VISIBLE"]
      flags = []
      creation_time = 1700000000
      creation_host = "test"
      segment_count = 1
      segment1 {
        start_extent = 0
        extent_count = ${bytes / EXTENT_BYTES}
        type = "striped"
        stripe_count = 1
        stripes = ["pv0", ${(offset - START_BYTES) / EXTENT_BYTES}]
      }
    }
`
}
