import { images } from './formats/superblock-images.ts'

/** The first bytes of the image of that name among the superblock images. */
export function imageStart(name: string, bytes: number): Uint8Array {
  const image = images[name]
  if (image === undefined) throw new Error(`no such image: ${name}`)
  const start = new Uint8Array(bytes)
  for (const [at, base64] of image.stretches) {
    const stretch = Buffer.from(base64, 'base64')
    if (at < bytes) start.set(stretch.subarray(0, bytes - at), at)
  }
  return start
}
