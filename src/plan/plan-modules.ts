import type { Facts } from '../machine/facts.ts'
import type { Step } from './step.ts'

/** Loads what the kernel does not load by itself when it is asked for; nothing where it is there. */
export function planModules({ missingModules }: Facts): Step[] {
  return missingModules.length === 0 ? [] : [{ kind: 'load-modules', modules: missingModules }]
}
