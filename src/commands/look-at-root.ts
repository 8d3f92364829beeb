import type { Facts } from '../machine/facts.ts'
import { probeRoot } from '../overlay/probe-root.ts'
import { type RootFacts, requireRoot } from '../overlay/root-facts.ts'
import type { BootContext } from './boot-context.ts'

/** The mounted root, and what its own superblock says where it can be read. Throws a RefusedError when there is none. */
export function lookAtRoot({ system, here }: BootContext, facts: Facts): RootFacts {
  const root = requireRoot(facts)
  return here ? probeRoot(system, root) : root
}
