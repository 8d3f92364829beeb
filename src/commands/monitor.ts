import { RefusedError } from '../errors.ts'
import { type Log, serviceLog } from '../log.ts'
import { probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { probeRootStore, type RootStore } from '../overlay/probe-root-store.ts'
import type { Command } from './command.ts'
import { watchStore } from './watch-store.ts'

/*
 * Before: the system runs. After: it does not come to that, unless there is nothing to watch, or nothing any more: a
 * store that is as large as its base can ever need.
 */
export const monitor: Command = {
  name: 'monitor',
  summary: 'Watch the store of the running root, and make it larger before it is full',
  examples: [
    ['holdfast monitor', 'what holdfast-monitor.service runs'],
    ['holdfast monitor &', 'from a start script, where there is no systemd'],
  ],
  run: runMonitor,
}

function runMonitor(system: System): number {
  const log = serviceLog(system)
  const store = findStore(system, log)
  if (store === undefined) return 0
  const watch = watchStore(system, log, store)
  for (let pauseMs = watch(); pauseMs !== undefined; pauseMs = watch()) system.sleep(pauseMs)
  log.info('the store is as large as its base can ever need: there is nothing more to watch')
  return 0
}

/** A root without a store is no error of the service. */
function findStore(system: System, log: Log): RootStore | undefined {
  try {
    const store = probeRootStore(system, probeMachine(system, '/'))
    if (store === undefined)
      log.info('the root has no store on a device: there is nothing to watch')
    return store
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    log.warn(`${error.message}. ${error.hint}`)
    return undefined
  }
}
