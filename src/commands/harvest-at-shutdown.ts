import { CommandError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import { mayHang } from '../keeping/file-systems.ts'
import type { Log } from '../log.ts'
import { FILES_SOURCE } from '../machine/places.ts'
import { probeMounts } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import type { Runner } from '../plan/runner.ts'
import { planHarvest } from '../stateless/kept-files/plan-harvest.ts'
import { probeHarvest } from '../stateless/kept-files/probe-harvest.ts'

/**
 * Brings the newest version of each kept file to its place on the state device, which is mounted at `state`, so that other
 * systems find it there. Whatever hinders it is made up for by the next boot.
 */
export function harvestAtShutdown(system: System, runner: Runner, log: Log, state: string): void {
  const mounts = probeMounts(system)
  const inUse = mounts.find(({ source }) => source === FILES_SOURCE)
  if (inUse !== undefined && !runner.dry) {
    log.info(
      `${inUse.mountPoint} is still mounted: its kept files are brought home by the next boot`,
    )
    return
  }
  // No layer can lie on a server, and the first look at one that is gone would never end.
  const mount = findMount(mounts, state)
  if (mount === undefined || mayHang(mount.fsType)) return
  const facts = probeHarvest(system, state)
  if (facts.kind !== 'record') return
  const { steps, remarks } = planHarvest(state, facts)
  if (steps.length === 0) return
  // Before /shutdown runs, systemd makes what it does not unmount read-only.
  const isReadOnly = mount.options.includes('ro')
  const remount = { kind: 'remount', at: state, options: 'rw', before: 'ro' } as const
  try {
    runner.run({ reasons: remarks, steps: isReadOnly ? [remount, ...steps] : steps })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    log.info(`${error.message}: kept files are brought home by the next boot`)
  }
}
