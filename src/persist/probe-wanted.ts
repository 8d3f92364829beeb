import { RefusedError } from '../errors.ts'
import { attempt, tryList } from '../machine/attempt.ts'
import { resolveInside, viewOf } from '../machine/resolve-inside.ts'
import type { System } from '../machine/system.ts'
import type { KeptFacts } from '../stateless/path-facts.ts'
import { foldersAbove, isBelow } from '../stateless/paths.ts'
import { probeKept } from '../stateless/probe-paths.ts'
import { isInLayer } from './seen-mounts.ts'
import type { StateFacts, WantedPath } from './state-facts.ts'

const HERE = viewOf('/')

/** What is at an absolute path, and what the state device has of it. Throws a RefusedError where it leads nowhere. */
export function probeWanted(system: System, state: StateFacts, asked: string): WantedPath {
  const path = resolveInside(system, HERE, asked)
  if (path === undefined) {
    throw new RefusedError(
      `'${asked}' leads nowhere: links in circles, or a file on the way`,
      'Give the path by which it can be reached.',
    )
  }
  const kind = kindOf(system, path)
  const inside = state.entries.map(({ at }) => at).filter((at) => isBelow(at, path))
  // What an overlay shows is newer than what the device has of it.
  const kept = inside.filter(
    (at) =>
      isSound(probeKept(system, state.folder, at)) && !isInLayer(state, at, kindOf(system, at)),
  )
  const folders = foldersAbove(path).slice(0, -1)
  const pieces = piecesOf(system, path, kept)
  return {
    asked,
    path,
    kind,
    target: attempt(() => system.readLink(path), undefined),
    kept: probeKept(system, state.folder, path),
    neighbours: new Map(
      folders.map((folder) => [folder, tryList(system, `${state.folder}${folder}`)]),
    ),
    pieces,
    occupied: pieces.filter((piece) => kindOf(system, `${state.folder}${piece}`) !== 'missing'),
  }
}

/** Nothing is written beside what can be reached through a link alone. */
function isSound({ kind }: KeptFacts): boolean {
  return kind === 'file' || kind === 'directory' || kind === 'link'
}

function kindOf(system: System, path: string): WantedPath['kind'] {
  return attempt((): WantedPath['kind'] => system.lstat(path).kind, 'missing')
}

/** The path without what is kept below it already: for each folder on the way there, all that is beside it. */
function piecesOf(system: System, path: string, kept: readonly string[]): string[] {
  if (kept.includes(path)) return []
  const inside = kept.filter((each) => isBelow(each, path))
  if (inside.length === 0) return [path]
  const prefix = path === '/' ? '' : path
  return tryList(system, path).flatMap((name) => piecesOf(system, `${prefix}/${name}`, inside))
}
