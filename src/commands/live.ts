import { ExpectedError, RefusedError } from '../errors.ts'
import { findMount } from '../formats/mount-table.ts'
import type { Facts } from '../machine/facts.ts'
import { probeWithDevice } from '../machine/locate.ts'
import { probeMachine } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import type { Args, Command } from './command.ts'
import { mountLiveRoot } from './live-root.ts'
import { logConfigOnce, openPlanning, PLANNING_OPTIONS, type Planning } from './planning.ts'

/** Exit status: the medium is not there yet, and nothing has been changed. */
const NOT_YET = 5

const OTHER_MEDIA =
  'Name a device, as in root=live:LABEL=...; for media on the network make the initramfs with dmsquash-live and livenet.'

/*
 * Before: root=live:... and udev has settled; nothing is mounted.
 * After: the medium at /run/initramfs/live, /dev/mapper/live-base over the root image, mounted read-only at $NEWROOT:
 * what any other root= has come to at this point. `holdfast boot` goes on from there.
 */
export const live: Command = {
  name: 'live',
  summary: 'Mount the root of a live medium (root=live:...) read-only',
  options: PLANNING_OPTIONS,
  examples: [
    ['holdfast live --dry-run', 'see how the medium would be mounted'],
    ['holdfast live --dry-run --facts facts.json', 'the same for another machine'],
  ],
  run: runLive,
}

function runLive(system: System, args: Args): number {
  const planning = openPlanning(system, args)
  const { config, runner, log, newRoot } = planning
  const { root } = config
  if (root.kind !== 'live' && root.why === undefined) {
    return nothingToDo(planning, 'root= names no live medium')
  }
  const facts = probeForLive(planning)
  if (findMount(facts.mounts, newRoot) !== undefined) {
    return nothingToDo(planning, `a root is mounted at ${newRoot} already`)
  }
  if (root.kind !== 'live') {
    throw new RefusedError(`root=${root.text ?? ''} is no live root: ${root.why}`, OTHER_MEDIA)
  }
  logConfigOnce(planning)
  try {
    return mountLiveRoot({ ...planning, root, facts }) ? 0 : NOT_YET
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    for (const trouble of runner.walkBack()) log.warn(trouble)
    throw error
  }
}

function probeForLive({ system, newRoot, config, givenFacts }: Planning): Facts {
  if (givenFacts !== undefined) return givenFacts
  const { root } = config
  return root.kind === 'live' && root.medium.kind !== 'file'
    ? probeWithDevice(system, newRoot, root.medium)
    : probeMachine(system, newRoot)
}

function nothingToDo({ runner }: Planning, reason: string): number {
  runner.run({ reasons: [reason], steps: [] })
  return 0
}
