import { type KeptEntry, keptAt } from '../kept-entry.ts'
import type { ListedFile } from './layer-facts.ts'

/** The path as the planners of the layer know it. */
export function listedFile(
  entry: Pick<KeptEntry, 'path' | 'kept' | 'nearest' | 'bytes'>,
): ListedFile {
  return { path: entry.path, kept: keptAt(entry), folder: entry.nearest, bytes: entry.bytes }
}
