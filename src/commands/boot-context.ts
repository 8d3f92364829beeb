import type { Config } from '../cmdline/config.ts'
import type { Log } from '../log.ts'
import type { Facts } from '../machine/facts.ts'
import type { System } from '../machine/system.ts'
import type { PersistentStore } from '../overlay/plan-reach.ts'
import type { Runner } from '../plan/runner.ts'

/** What all parts of a boot work with. */
export interface BootContext {
  readonly system: System
  readonly config: Config
  readonly runner: Runner
  readonly log: Log
  readonly bugs: unknown[]
  /** Whether the machine that is planned for is this one, and can be looked at. */
  readonly here: boolean
  /** The machine as it was found. */
  readonly facts: Facts
  /** The machine as it is now. */
  probe(): Facts
  /** The machine as soon as the device is there, or when rd.holdfast.timeout= is over. */
  waitFor(store: PersistentStore): Facts
}
