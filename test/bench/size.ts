import { rmSync, statSync } from 'node:fs'
import { command } from '../vm/image/command.ts'
import { scratchPath } from '../vm/image/disk.ts'
import { type Initramfs, initramfs } from '../vm/image/initramfs.ts'
import { SUITE } from './measure.ts'

/** dracut's own level for --zstd. */
export const ZSTD_LEVEL = 15

export interface Size {
  readonly unpackedBytes: number
  readonly zstdBytes: number
}

/** The size of an initramfs, as dracut would compress it. */
export async function measureSize(kind: Initramfs): Promise<Size> {
  const image = await initramfs(SUITE, kind)
  const compressed = scratchPath('zst')
  await command(['zstd', `-${ZSTD_LEVEL}`, '-q', '-T0', image, '-o', compressed])
  const zstdBytes = statSync(compressed).size
  rmSync(compressed)
  return { unpackedBytes: statSync(image).size, zstdBytes }
}
