import { findMount } from '../formats/mount-table.ts'
import type { Facts } from '../machine/facts.ts'
import { SCRATCH_FOLDER, STATE_FOLDER } from '../machine/places.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import { resolveInside, viewOf } from '../machine/resolve-inside.ts'
import type { System } from '../machine/system.ts'
import { probeCarries } from '../stateless/kept-files/probe-record.ts'
import { probeStatetab } from '../stateless/probe-lists.ts'
import { probeStatus, type Status } from '../status/probe-status.ts'
import type { KeepingFacts } from './backing.ts'
import { probePlace } from './probe-place.ts'
import { findUpperLayer } from './upper-layer.ts'

/** All that is needed to say what keeps what is written; changes nothing. */
export function probeKeeping(system: System): KeepingFacts {
  const facts = probeMachine(system, probeNewRoot(system))
  const uppers = facts.mounts.flatMap((mount) => findUpperLayer(mount)?.upper ?? [])
  // Stock dracut mounts /run/overlayfs, a link to the folder on the persistence device.
  const absolute = uppers.filter((upper) => upper.startsWith('/'))
  const status = probeStatus(system, facts)
  const state = findMount(facts.mounts, STATE_FOLDER)
  return {
    facts,
    status,
    scratchDevice: findMount(facts.mounts, SCRATCH_FOLDER)?.device,
    stateDevice: state?.device,
    isCarried: probeCarries(system, STATE_FOLDER),
    listed: new Map([...volatilePaths(status), ...probeListed(system, facts)]),
    upperFolders: new Map(absolute.map((upper) => [upper, probePlace(system, facts, upper).path])),
  }
}

/** As the boot has found them: rwtab itself may be hidden by now. */
function volatilePaths({ record }: Status): [string, string][] {
  return (record?.stateless?.volatile ?? []).map(({ path, origin }) => [path, origin])
}

/** What is listed as kept, by where it leads. */
function probeListed(system: System, { mounts, newRoot }: Facts): [string, string][] {
  if (findMount(mounts, STATE_FOLDER) === undefined) return []
  const root = viewOf(newRoot)
  return probeStatetab(system, root, STATE_FOLDER).entries.map(({ path, file, line }) => [
    resolveInside(system, root, path) ?? path,
    line === 0 ? file : `${file}:${line}`,
  ])
}
