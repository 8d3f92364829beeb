import { probeContent } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import type { RootFacts } from './root-facts.ts'

/** The root with what its device holds: for judging whether it can be the origin of a snapshot. */
export function probeRoot(system: System, root: RootFacts): RootFacts {
  const { device } = root
  if (device === undefined) return root
  return { ...root, device: { ...device, content: probeContent(system, device.node) } }
}
