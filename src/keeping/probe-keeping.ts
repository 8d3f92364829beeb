import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { probeStatus } from '../status/probe-status.ts'
import type { KeepingFacts } from './backing.ts'
import { probePlace } from './probe-place.ts'
import { findUpperLayer } from './upper-layer.ts'

/** All that is needed to say what keeps what is written; changes nothing. */
export function probeKeeping(system: System): KeepingFacts {
  const facts = probeMachine(system, probeNewRoot(system))
  const uppers = facts.mounts.flatMap((mount) => findUpperLayer(mount)?.upper ?? [])
  // Stock dracut mounts /run/overlayfs, a link to the folder on the persistence device.
  const absolute = uppers.filter((upper) => upper.startsWith('/'))
  return {
    facts,
    status: probeStatus(system, facts),
    upperFolders: new Map(absolute.map((upper) => [upper, probePlace(system, facts, upper).path])),
  }
}
