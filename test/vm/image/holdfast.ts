import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The source tree, ending in a slash. */
export const sourceTree = new URL('../../..', import.meta.url).pathname

/** Which of the two executables is installed as /usr/sbin/holdfast. */
export type Runtime = 'static' | 'node'

const EXECUTABLES: Record<Runtime, string> = {
  static: 'dist/holdfast',
  node: 'dist/holdfast-node',
}

/** A hash of what `make install` installs. Throws where holdfast is not built yet. */
export function holdfastHash(runtime: Runtime = 'static'): string {
  const hash = createHash('sha256')
  for (const name of ['Makefile', EXECUTABLES[runtime], 'dracut-module', 'systemd']) {
    addToHash(name, hash)
  }
  return hash.digest('hex')
}

function addToHash(name: string, hash: ReturnType<typeof createHash>): void {
  const path = join(sourceTree, name)
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path).sort()) addToHash(join(name, entry), hash)
  } else {
    hash.update(name).update(readFileSync(path))
  }
}

/** The command that installs holdfast, as it was built, below `destination`. */
export function installHoldfast(destination: string, runtime: Runtime = 'static') {
  return [
    // The variables of a make that runs the tests are not meant for this one.
    ...['env', '-u', 'MAKEFLAGS', 'make', '-s', '-C', sourceTree, 'install'],
    // Several of these run at once: none may build.
    ...Object.values(EXECUTABLES).flatMap((executable) => ['-o', executable]),
    ...[`DESTDIR=${destination}`, `RUNTIME=${runtime}`],
    'DRACUTMODULESDIR=/usr/lib/dracut/modules.d',
  ]
}
