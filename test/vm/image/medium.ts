import { cpSync, linkSync, mkdirSync, rmSync } from 'node:fs'
import { cached, recipe } from './cache.ts'
import { command } from './command.ts'
import { rootImage } from './root-image.ts'
import type { Suite } from './tree.ts'

/** Packed without compression: quicker to make, and to read in an emulated machine. */
const NOT_COMPRESSED = ['-noI', '-noD', '-noF', '-noX', '-quiet', '-no-progress']

const ISO = ['xorriso', '-as', 'mkisofs', '-quiet', '-R', '-J', '-V', 'LIVE', '-o']

/**
 * What lies on a live medium, all labelled LIVE.
 * nested: ISO with LiveOS/squashfs.img with LiveOS/rootfs.img, as live images are made.
 * ext3fs: the same with the name that el6 gave the base.
 * flat: ISO with LiveOS/squashfs.img that is itself the root: no block device to make a snapshot of.
 * flat-erofs: the same, the image is EROFS.
 * uncompressed: an ext4 disk with LiveOS/rootfs.img and nothing around it.
 * iso-file: an ext4 disk, labelled DISK, with the nested ISO in it as /live.iso.
 */
export type Medium = 'nested' | 'ext3fs' | 'flat' | 'flat-erofs' | 'uncompressed' | 'iso-file'

/** The image of a live medium. */
export async function liveMedium(
  suite: Suite,
  medium: Medium = 'nested',
  edition = '1',
): Promise<string> {
  const inside =
    medium === 'iso-file'
      ? await liveMedium(suite, 'nested', edition)
      : await rootImage(suite, edition)
  const name = `${suite}-live-${medium}-${edition}`
  return cached(name, [inside, recipe(import.meta.url)], async (path) => {
    const outer = `${path}.outer`
    const inner = `${path}.inner`
    mkdirSync(`${outer}/LiveOS`, { recursive: true })
    mkdirSync(`${inner}/LiveOS`, { recursive: true })
    await MAKERS[medium](inside, inner, outer, path)
    rmSync(outer, { recursive: true })
    rmSync(inner, { recursive: true })
  })
}

type Maker = (inside: string, inner: string, outer: string, path: string) => Promise<unknown>

const MAKERS: Record<Medium, Maker> = {
  nested: (...directories) => nested('rootfs.img', ...directories),
  ext3fs: (...directories) => nested('ext3fs.img', ...directories),
  flat: (...directories) =>
    flat((inner, image) => ['mksquashfs', inner, image, ...NOT_COMPRESSED], ...directories),
  'flat-erofs': (...directories) =>
    flat((inner, image) => ['mkfs.erofs', '--quiet', image, inner], ...directories),
  uncompressed: async (inside, _inner, outer, path) => {
    linkSync(inside, `${outer}/LiveOS/rootfs.img`)
    await ext4('LIVE', outer, path)
  },
  'iso-file': async (inside, _inner, outer, path) => {
    cpSync(inside, `${outer}/live.iso`)
    await ext4('DISK', outer, path)
  },
}

async function nested(base: string, inside: string, inner: string, outer: string, path: string) {
  linkSync(inside, `${inner}/LiveOS/${base}`)
  await command(['mksquashfs', inner, `${outer}/LiveOS/squashfs.img`, ...NOT_COMPRESSED])
  await command([...ISO, path, outer])
}

async function flat(
  pack: (inner: string, image: string) => readonly string[],
  ...[inside, inner, outer, path]: Parameters<Maker>
) {
  await command(['debugfs', '-R', `rdump / ${inner}`, inside])
  rmSync(`${inner}/LiveOS`, { recursive: true })
  await command(pack(inner, `${outer}/LiveOS/squashfs.img`))
  await command([...ISO, path, outer])
}

function ext4(label: string, directory: string, path: string): Promise<string> {
  return command(['mkfs.ext4', '-q', '-F', '-L', label, '-d', directory, path, '1G'])
}
