import type { LiveRoot } from '../cmdline/config.ts'
import type { Device } from '../plan/step.ts'

/** Where a live root's base comes from. */
export type Image =
  /** A squashfs or EROFS image: a file on the medium, or the medium's device itself. */
  | { readonly kind: 'compressed'; readonly file: string }
  | { readonly kind: 'compressed'; readonly source: Device }
  /** The root's file system as an image file. */
  | { readonly kind: 'file-system'; readonly file: string }
  /** The root's files themselves, in the mounted squashfs or EROFS. */
  | { readonly kind: 'flat'; readonly folder: string }

/** The names of a root image; the second is that of old media. */
const ROOT_IMAGES = ['rootfs.img', 'ext3fs.img']

/** Images to look for on the medium mounted at `folder`; the first that is there counts. */
export function imagesOnMedium(root: LiveRoot, folder: string): Image[] {
  const live = `${folder}/${root.directory}`
  return [{ kind: 'compressed', file: `${live}/${root.squashImage}` }, ...rootImages(live)]
}

/** The same inside a mounted compressed image: always in LiveOS, whatever rd.live.dir= says of the medium. */
export function imagesInCompressed(folder: string): Image[] {
  return [...rootImages(`${folder}/LiveOS`), { kind: 'flat', folder }]
}

function rootImages(folder: string): Image[] {
  return ROOT_IMAGES.map((name) => ({ kind: 'file-system', file: `${folder}/${name}` }))
}

/** The path that has to be there for the image to be that image. */
export function proofOf(image: Image): string {
  if (image.kind === 'flat') return `${image.folder}/usr`
  return 'file' in image ? image.file : ''
}
