import { inMountNamespace } from './image/command.ts'
import { copyOf } from './image/disk.ts'
import { rootImage } from './image/root-image.ts'
import type { Suite } from './image/tree.ts'

/** A copy of a suite's root image with these files in it: paths to their texts; a path that ends in a slash is a folder. */
export async function rootWith(
  files: Readonly<Record<string, string>>,
  suite: Suite = 'bookworm',
): Promise<string> {
  const image = await copyOf(await rootImage(suite))
  const words = Object.entries(files).flat()
  await inMountNamespace(
    `image=$1
    shift
    mount -o loop "$image" /mnt
    while [ $# -gt 0 ]; do
      case $1 in
        */) mkdir -p "/mnt/$1" ;;
        *) mkdir -p "/mnt/$(dirname "$1")"; printf %s "$2" > "/mnt/$1" ;;
      esac
      shift 2
    done
    umount /mnt`,
    [image, ...words],
  )
  return image
}
