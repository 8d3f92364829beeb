import { RefusedError } from '../errors.ts'
import type { HostClaim } from '../formats/superblock.ts'
import type { BlockDevice } from '../machine/facts.ts'
import { formatPrintable } from '../printable.ts'

const READ_ONLY = ', or ask with rd.live.overlay.readonly to have the store read only'

/**
 * Throws a RefusedError for a device on which another one stands, and, where it is to be written to, for one that is
 * write-protected or that another host checks. `otherwise` is what else can be done about write protection.
 */
export function judgeUse(
  name: string,
  device: BlockDevice,
  readOnly: boolean,
  otherwise = READ_ONLY,
): void {
  const { holders, content, node } = device
  if (holders.length > 0) {
    throw new RefusedError(
      `${name} is in use by ${holders.join(', ')}`,
      'Name what stands on it, if that holds the file system, or take that down first.',
    )
  }
  if (readOnly) return
  if (device.readOnly) {
    throw new RefusedError(
      `${name} is write-protected`,
      `Take off the write protection${otherwise}.`,
    )
  }
  if (content?.claim?.isCheck !== true) return
  throw new RefusedError(
    `${name} is being checked by ${formatHost(content.claim)}, or was when that stopped: its multiple mount protection (MMP) says so`,
    adviseOn(node),
  )
}

/** Throws a RefusedError for a journal that cannot be replayed: without that, what is on the device may be half written. */
export function judgeJournal(name: string, { readOnly, content }: BlockDevice): void {
  if (!readOnly || content?.needsRecovery !== true) return
  throw new RefusedError(
    `${name} is write-protected, and its journal has to be replayed before it is used`,
    'Take off the write protection until it has been mounted once.',
  )
}

/** What is said while the kernel waits, to see whether the other host still writes its numbers. */
export function formatWaiting(name: string, claim: HostClaim): string {
  return `${name} was not let go by ${formatHost(claim)}: before it is mounted the kernel waits some seconds, to see whether it is in use there (MMP)`
}

/**
 * Why a device could not be mounted, where its claim is another one than it was: another host has written it. undefined
 * where nothing says so, and the tool's own words have to do.
 */
export function judgeClaims(
  name: string,
  { node, content }: BlockDevice,
  now: HostClaim | undefined,
): RefusedError | undefined {
  const before = content?.claim
  if (before === undefined || now === undefined || before.sequence === now.sequence)
    return undefined
  return new RefusedError(
    `${name} is in use by ${formatHost(now)}: its multiple mount protection (MMP) says so`,
    adviseOn(node),
  )
}

function adviseOn(node: string): string {
  return `Unmount it there. Where that host is gone for good: tune2fs -f -E clear_mmp ${node}`
}

function formatHost({ host }: HostClaim): string {
  return host === '' ? 'another host' : `the host '${formatPrintable(host)}'`
}
