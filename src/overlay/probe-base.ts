import { formatDeviceSpec, parseDeviceSpec } from '../cmdline/device-spec.ts'
import { RefusedError, UsageError } from '../errors.ts'
import { attempt } from '../machine/attempt.ts'
import type { Facts } from '../machine/facts.ts'
import { locate, probeWithDevice } from '../machine/locate.ts'
import type { System } from '../machine/system.ts'
import { type BaseIdentity, isSameBase, readBaseIdentity, type SeenBase } from './base-identity.ts'
import { READ_ONLY_DM, ROOT_DM, SNAPSHOT_DM } from './plan-snapshot.ts'
import type { CheckFacts } from './probe-check.ts'
import type { BaseFacts } from './recovery.ts'
import { formatBase } from './store-record.ts'

/**
 * The base of a store: the one that was given, a device or a file; else the one of its record, among the devices that
 * are as long as it. Reads some KiB of each of them. Throws a RefusedError for a given one that is not there, or is another
 * than the record says, and a UsageError where it names neither.
 */
export function probeBase(
  system: System,
  facts: Facts,
  { name, record }: CheckFacts,
  given: string | undefined,
): BaseFacts {
  const recorded = record.kind === 'record' ? record.record.base : undefined
  if (given !== undefined) {
    const base = probeGiven(system, facts, given)
    if (recorded === undefined || isSameBase(recorded, base.identity)) return base
    throw new RefusedError(
      `'${name}' was made for another base (${formatBase(recorded)}), ${given} is ${formatBase(base.identity)}`,
      'Give the base that the store was made for with --base, or none.',
    )
  }
  if (recorded === undefined) {
    return { kind: 'none', why: 'the store has no record of its base; name it with --base' }
  }
  return (
    findRecorded(system, facts, recorded) ?? {
      kind: 'none',
      why: `its base is not here (${formatBase(recorded)}); name it with --base`,
    }
  )
}

/** Base and store together are as long as the base, and are none. */
const NO_BASES = [ROOT_DM, SNAPSHOT_DM, READ_ONLY_DM]

function findRecorded(
  system: System,
  { devices }: Facts,
  recorded: BaseIdentity,
): BaseFacts | undefined {
  for (const { node, sectors, dm } of devices) {
    if (sectors !== recorded.sectors || NO_BASES.includes(dm?.name ?? '')) continue
    const identity = identify(system, node, sectors)
    if (identity !== undefined && isSameBase(recorded, identity)) {
      return { kind: 'found', file: node, identity }
    }
  }
  return undefined
}

function probeGiven(system: System, facts: Facts, given: string): BaseFacts & { kind: 'found' } {
  const file = attempt(() => system.stat(given), undefined)
  if (file?.kind === 'file') {
    // No name begins like an option.
    const path = given.startsWith('/') ? given : `./${given}`
    return open(system, path, Math.floor(file.bytes / 512))
  }
  const spec = parseDeviceSpec(given)
  if ('why' in spec)
    throw new UsageError(`--base '${given}': there is no such file; and ${spec.why}`)
  const device = locate(probeWithDevice(system, facts.newRoot, spec), spec)
  if (device !== undefined) return open(system, device.node, device.sectors)
  throw new RefusedError(
    `there is no device ${formatDeviceSpec(spec)}`,
    'See what is there with: holdfast probe',
  )
}

function open(system: System, file: string, sectors: number): BaseFacts & { kind: 'found' } {
  const identity = identify(system, file, sectors)
  if (identity !== undefined) return { kind: 'found', file, identity }
  throw new RefusedError(`the base '${file}' cannot be read`, 'Its disk fails, or it is not yours.')
}

function identify(system: System, file: string, sectors: number): SeenBase | undefined {
  const read = (offset: number, length: number) => system.readBytes(file, offset, length)
  return attempt(() => readBaseIdentity(read, sectors), undefined)
}
