import { spawnSync } from 'node:child_process'
import type { Namespace } from './namespace.ts'
import { type Files, listTree, writeTree } from './tree.ts'
import { setXattrs } from './xattr.ts'

export interface DiskSpec {
  readonly files?: Files
  /** Whether it is there from the beginning; true when not given. */
  readonly attached?: boolean
  /** The device takes no writes. */
  readonly readOnly?: boolean
}

/** An ext4 file system on a loop device. */
export interface Disk {
  /** Its label: no other run of these tests, at the same time, has the same. */
  readonly label: string
  attach(): void
  /** All that is on it, as listTree() has it, without lost+found; for when no boot has it mounted. */
  list(): Record<string, string>
  /** Makes files on it. */
  write(files: Files): void
  /** The output of a shell script that runs in its root folder. */
  sh(script: string): string
  /** Leaves a label and nothing that could be mounted. */
  spoil(): void
  /** Has its superblock say that there are errors. */
  markErrors(): void
  /** Overwrites the entries of a folder: nobody knows then what to do without asking. */
  breakFolder(path: string): void
  detach(): void
}

let disks = 0
const attached = new Set<string>()
process.on('exit', () => {
  for (const node of attached) spawnSync('losetup', ['--detach', node])
})

/** Makes an image of 8 MiB in `folder` of the namespace, with the files on it. */
export function makeDisk(namespace: Namespace, folder: string, spec: DiskSpec): Disk {
  const label = `st${process.pid.toString(36)}-${++disks}`
  const image = `${folder}/${label}`
  let node: string | undefined
  const read = namespace.reach(`${image}.mounted`)
  const mounted = <T>(work: () => T): T => {
    namespace.sh('mkdir -p "$1.mounted"; mount -o loop "$1" "$1.mounted"', image)
    try {
      return work()
    } finally {
      namespace.sh('umount "$1.mounted"', image)
    }
  }
  const debugfs = (request: string) =>
    void namespace.sh(
      'debugfs -w -R "$1" "$2" 2> /dev/null; blockdev --flushbufs "$3"',
      request,
      image,
      node!,
    )
  const disk: Disk = {
    label,
    // EXT4_ERROR_FS.
    markErrors: () => debugfs('set_super_value state 2'),
    breakFolder: (path) => debugfs(`zap_block -f ${path} 0`),
    attach() {
      const flags = spec.readOnly ? '--read-only' : ''
      node = namespace.sh(`losetup --find --show ${flags} "$1"`, image).trim()
      attached.add(node)
    },
    list: () =>
      mounted(() => {
        const { '/lost+found': _, ...others } = listTree(read)
        return others
      }),
    write: (files) =>
      mounted(() => setXattrs(namespace, `${image}.mounted`, writeTree(read, files))),
    sh: (script) => mounted(() => namespace.sh(`cd "$1.mounted"; ${script}`, image)),
    // The number of inodes in the superblock: no kernel takes 0, and the label is still there.
    spoil: () =>
      void namespace.sh(
        'head -c 4 /dev/zero | dd of="$1" bs=1 seek=1024 conv=notrunc status=none; blockdev --flushbufs "$2"',
        image,
        node!,
      ),
    detach() {
      if (node === undefined) return
      namespace.sh('losetup --detach "$1"', node)
      attached.delete(node)
      node = undefined
    },
  }
  const mkfs = 'truncate -s 8M "$1"; mkfs.ext4 -q -O ^has_journal -L "$2" "$1"'
  namespace.sh(mkfs, image, label)
  if (spec.files !== undefined) disk.write(spec.files)
  if (spec.attached ?? true) disk.attach()
  return disk
}
