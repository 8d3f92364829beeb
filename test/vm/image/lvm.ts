import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, recipe } from './cache.ts'
import { command, inMountNamespace } from './command.ts'
import { scratchPath } from './disk.ts'
import { debianKeyring, debianMirror } from './mirror.ts'
import { rootTree, type Suite } from './tree.ts'

/** A suite's root tree with lvm2 laid over it; the other trees stay as they are. */
export async function lvmTree(suite: Suite): Promise<string> {
  const tree = await rootTree(suite)
  return cached(`${suite}-lvm-tree`, [tree, recipe(import.meta.url)], async (path) => {
    const packages = `${path}.packages`
    rmSync(packages, { recursive: true, force: true })
    // Only unpacked: what lvm2 needs besides is in the tree already, and none of its scripts is missed.
    await command([
      ...['mmdebstrap', '--variant=extract', '--mode=root', '--quiet', '--include=lvm2'],
      ...[`--keyring=${debianKeyring}`, '--aptopt=APT::Install-Recommends "false"'],
      ...['--dpkgopt=path-exclude=/usr/share/*', suite, packages, await debianMirror()],
    ])
    await command(['sh', '-euc', OVER, 'sh', tree, packages, path])
    rmSync(packages, { recursive: true })
  })
}

const OVER = `cp -a "$1" "$3"
tar -C "$2" -c bin etc lib sbin usr | tar -C "$3" -x --keep-directory-symlink
chroot "$3" ldconfig`

const EXTENTS = 16
const EXTENT_BYTES = 4 << 20
/** Of the volume's file system. */
export const VOLUME_BYTES = EXTENTS * EXTENT_BYTES
const START_BYTES = 1 << 20
const PV_ID = 'HoldFa-st00-0000-0000-0000-0000-0000PV'

/** A disk that is the volume group HostVG; its one volume, Config, holds that image of VOLUME_BYTES. */
export async function lvmDisk(suite: Suite, image: string): Promise<string> {
  const path = scratchPath('lvm.disk')
  const metadata = `${path}.metadata`
  mkdirSync(metadata)
  writeFileSync(join(metadata, 'HostVG'), METADATA)
  await command(['truncate', '-s', String(START_BYTES + VOLUME_BYTES + EXTENT_BYTES), path])
  await inMountNamespace(MAKE, [await lvmTree(suite), path, metadata, PV_ID])
  await command([
    ...['dd', 'status=none', 'conv=notrunc', 'bs=1M', `if=${image}`, `of=${path}`],
    `seek=${START_BYTES >> 20}`,
  ])
  rmSync(metadata, { recursive: true })
  return path
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

const METADATA = `contents = "Text Format Volume Group"
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
      dev_size = ${(START_BYTES + VOLUME_BYTES + EXTENT_BYTES) / 512}
      pe_start = ${START_BYTES / 512}
      pe_count = ${EXTENTS}
    }
  }
  logical_volumes {
    Config {
      id = "HoldFa-st00-0000-0000-0000-0000-Config"
      status = ["READ", "WRITE", "VISIBLE"]
      flags = []
      creation_time = 1700000000
      creation_host = "test"
      segment_count = 1
      segment1 {
        start_extent = 0
        extent_count = ${EXTENTS}
        type = "striped"
        stripe_count = 1
        stripes = ["pv0", 0]
      }
    }
  }
}
`
