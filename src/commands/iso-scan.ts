import { CommandError } from '../errors.ts'
import { untouchedOptions } from '../live/plan-live.ts'
import { attempt } from '../machine/attempt.ts'
import type { BlockDevice } from '../machine/facts.ts'
import { ISO_SCAN_FOLDER } from '../machine/places.ts'
import { probeContent } from '../machine/probe.ts'
import type { Step } from '../plan/step.ts'
import type { LiveContext } from './live-context.ts'

/** What an ISO file cannot lie on. */
const NO_FILES = ['swap', 'crypto_LUKS', 'LVM2_member', 'linux_raid_member', 'DM_snapshot_cow']

/**
 * Mounts one device after the other until the ISO file (a path from the device's root) is found, and leaves that one
 * mounted. The ISO's path through the mount; undefined when no device has it yet. A dry run takes the first device.
 */
export function findIso(context: LiveContext, isoFile: string): string | undefined {
  const { system, runner, facts } = context
  const here = context.givenFacts === undefined
  const path = `${ISO_SCAN_FOLDER}/${isoFile.replace(/^\/+/, '')}`
  for (const device of facts.devices.filter(mayHoldFiles)) {
    const content = device.content ?? (here ? probeContent(system, device.node) : undefined)
    const type = content?.type
    if (type === undefined || NO_FILES.includes(type)) continue
    if (!tryMount(context, isoFile, device, type)) continue
    if (runner.dry || attempt(() => system.stat(path).kind === 'file', false)) return path
    runner.walkBack()
  }
  return undefined
}

/** A device that cannot be mounted is not the one, and no reason to stop. */
function tryMount(
  { runner, log }: LiveContext,
  isoFile: string,
  device: BlockDevice,
  type: string,
): boolean {
  try {
    runner.run({
      reasons: [`looking for ${isoFile} on ${device.node}`],
      steps: mount(device, type),
    })
    return true
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    for (const trouble of [`${error.message}, skipping`, ...runner.walkBack()]) log.info(trouble)
    return false
  }
}

function mayHoldFiles(device: BlockDevice): boolean {
  return device.dm === undefined && device.loop === undefined && device.holders.length === 0
}

function mount(device: BlockDevice, type: string): Step[] {
  return [
    { kind: 'make-directory', path: ISO_SCAN_FOLDER },
    {
      kind: 'mount',
      device: device.node,
      at: ISO_SCAN_FOLDER,
      type,
      options: untouchedOptions(type),
    },
  ]
}
