import { RefusedError } from '../errors.ts'
import { mountFinder } from '../formats/mount-table.ts'
import { DROPPED_FOLDER } from '../keeping/stateless-backing.ts'
import { attempt, tryList } from '../machine/attempt.ts'
import type { Facts } from '../machine/facts.ts'
import { resolveInside, viewOf } from '../machine/resolve-inside.ts'
import type { System } from '../machine/system.ts'
import { probeCarries } from '../stateless/kept-files/probe-record.ts'
import { probeStatetab, readInside } from '../stateless/probe-lists.ts'
import { parseSettings, SETTINGS_FILE } from '../stateless/settings.ts'
import { findStateMount } from './find-state.ts'
import { OWN_LIST, type StateFacts } from './state-facts.ts'

const HERE = viewOf('/')

/**
 * What is kept on the state file system of the running system. Throws a RefusedError where none is mounted, or in the
 * initramfs, where the root's own mounts are not made yet.
 */
export function probeState(system: System, facts: Facts): StateFacts {
  if (facts.newRoot !== '/') {
    throw new RefusedError('this is the initramfs', 'Ask the running system, after the boot.')
  }
  const settings = parseSettings(readInside(system, HERE, SETTINGS_FILE), undefined)
  const mount = findStateMount(facts.mounts, settings.stateName)
  const folder = mount.mountPoint
  const { entries, remarks } = probeStatetab(system, HERE, folder)
  return {
    folder,
    mount,
    mounts: facts.mounts,
    mountOf: mountFinder(facts.mounts),
    isCarried: probeCarries(system, folder),
    remarks,
    entries: entries.map((entry) => ({
      ...entry,
      at: resolveInside(system, HERE, entry.path) ?? entry.path,
    })),
    listText: readOwnList(system, `${folder}/${OWN_LIST}`),
    dropped: listDropped(system, `${folder}/${DROPPED_FOLDER}`),
    made: new Set(),
    gone: new Set(),
    copies: 0,
  }
}

/** Whoever had the device last may have put anything there: a link is not written through, nor read. */
function readOwnList(system: System, path: string): string | undefined {
  const kind = attempt(() => system.lstat(path).kind, undefined)
  if (kind === undefined) return undefined
  if (kind === 'file') return system.readText(path)
  throw unlike(path, kind, 'no list of paths')
}

function listDropped(system: System, path: string): readonly string[] {
  const kind = attempt(() => system.lstat(path).kind, 'directory')
  if (kind === 'directory') return tryList(system, path)
  throw unlike(path, kind, 'no folder')
}

function unlike(path: string, kind: string, other: string): RefusedError {
  return new RefusedError(
    `'${path}' is a ${kind}, and ${other}`,
    'holdfast has not made it: look at what it is, and move it away.',
  )
}
