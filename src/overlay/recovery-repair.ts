import { RefusedError } from '../errors.ts'
import type { CowUsage } from '../formats/cow-usage.ts'
import type { RecoveryFacts, RecoveryRequest, Repair } from './recovery.ts'

/** The programs by which the file system in base and store is checked. */
export const REPAIR_PROGRAMS = ['env', 'dmsetup', 'losetup', 'e2fsck']

const CHECKED = ['ext2', 'ext3', 'ext4']

/**
 * Whether the file system in base and store can be checked, and how. Throws a RefusedError for a base that was given and
 * has not all that the store holds a change of.
 */
export function judgeRepair(
  { check, base, missingPrograms }: RecoveryFacts,
  usage: CowUsage & { kind: 'sound' },
  canBeWritten: boolean,
  { force }: RecoveryRequest,
): Repair {
  if (base.kind === 'none') return { kind: 'left-out', why: base.why }
  const { sectors, type } = base.identity
  const { exceptions } = check
  const least = exceptions?.kind === 'sound' ? exceptions.leastBaseSectors : usage.leastBaseSectors
  if (least > sectors) {
    throw new RefusedError(
      `'${check.name}' holds a change of sector ${least - 1}, and ${base.file} has ${sectors}: it is another base`,
      'Give the base that the store was made for with --base.',
    )
  }
  const why = leftOutBy(type, canBeWritten, missingPrograms)
  if (why !== undefined) return { kind: 'left-out', why }
  return {
    kind: 'planned',
    base: base.file,
    baseSectors: sectors,
    how: force ? 'all' : 'safe',
  }
}

function leftOutBy(
  type: string | undefined,
  canBeWritten: boolean,
  missing: readonly string[],
): string | undefined {
  if (!CHECKED.includes(type ?? '')) {
    return `it is ${type ?? 'of a type that is not known'}, and e2fsck checks ext2 to ext4`
  }
  if (!canBeWritten) return 'there is no room in the store for what that writes'
  return missing.length === 0 ? undefined : `there is no ${missing.join(', ')} here`
}
