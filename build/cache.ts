import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'

/** Where things lie that take long to make; outside the tree, so that a fresh clone finds them. */
export function cacheRoot(): string {
  const { HOLDFAST_CACHE, XDG_CACHE_HOME, HOME } = process.env
  return HOLDFAST_CACHE || `${XDG_CACHE_HOME || `${HOME ?? homedir()}/.cache`}/holdfast`
}

/** Sixteen hex digits that change when one of the texts does. */
export function keyOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex').slice(0, 16)
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/**
 * The folder <cache>/<name>-<key>, filled by `make` when it is not there. It appears whole or not at
 * all: two builds at once both make it, and the second one's is dropped.
 */
export function cached(name: string, key: string, make: (folder: string) => void): string {
  const folder = `${cacheRoot()}/${name}-${key}`
  if (existsSync(folder)) return folder
  mkdirSync(cacheRoot(), { recursive: true })
  const unfinished = mkdtempSync(`${folder}.`)
  try {
    make(unfinished)
    if (!existsSync(folder)) renameSync(unfinished, folder)
    return folder
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
