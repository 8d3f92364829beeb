import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { inSlot } from './slots.ts'

// Every change of the executable makes new images of some hundred megabytes.
const KEEP_UNUSED_SECONDS = 3600

/** Where images are kept between test runs, outside the source tree. */
export const cacheDirectory =
  process.env['HOLDFAST_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'holdfast')

const made = new Map<string, Promise<string>>()

/**
 * Gives the path of a file or directory made from `ingredients`, from the cache where it is there.
 * Its name holds their hash, and it gets that name only when it is complete.
 * `make` must not ask for another cached thing: it holds one of the two slots.
 */
export function cached(
  name: string,
  ingredients: readonly string[],
  make: (path: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 16)
  const path = join(cacheDirectory, `${name}-${hash}`)
  const known = made.get(path) ?? find(path) ?? inSlot(() => fill(path, name, make))
  made.set(path, known)
  return known
}

/** What is there needs no slot: to wait for one takes minutes where many runs do. */
function find(path: string): Promise<string> | undefined {
  if (!existsSync(path)) return undefined
  touch(path)
  return Promise.resolve(path)
}

/** Keeps it from those that remove what is not used. */
function touch(path: string): void {
  const now = new Date()
  utimesSync(path, now, now)
}

async function fill(path: string, name: string, make: (path: string) => Promise<unknown>) {
  const now = new Date()
  if (!existsSync(path)) {
    mkdirSync(cacheDirectory, { recursive: true })
    const part = `${path}.${process.pid}.part`
    await rm(part, { recursive: true, force: true })
    await make(part)
    // What it was made with may have given it a time long ago: it would be taken for one that nobody uses.
    touch(part)
    // Another test run may have made the same thing meanwhile: then either is as good.
    await rename(part, path).catch(() => rm(part, { recursive: true, force: true }))
    await removeUnused(name, now)
  }
  touch(path)
  return path
}

async function removeUnused(name: string, now: Date): Promise<void> {
  for (const entry of readdirSync(cacheDirectory)) {
    const path = join(cacheDirectory, entry)
    if (!entry.startsWith(`${name}-`) || !/^[0-9a-f]{16}/.test(entry.slice(name.length + 1)))
      continue
    // Another test run may have renamed or removed it meanwhile.
    const found = statSync(path, { throwIfNoEntry: false })
    const unusedSeconds = found ? (now.getTime() - found.mtimeMs) / 1000 : 0
    if (unusedSeconds > KEEP_UNUSED_SECONDS) await rm(path, { recursive: true, force: true })
  }
}

/** The text of the module that makes something: an ingredient of what it makes. */
export function recipe(moduleUrl: string): string {
  return readFileSync(new URL(moduleUrl), 'utf8')
}
