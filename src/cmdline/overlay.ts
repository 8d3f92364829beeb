import { formatPrintable } from '../printable.ts'
import type { Findings } from './findings.ts'
import { type Argument, findArgument, isAnyOn, isOn, parseKernelCmdline } from './kernel-cmdline.ts'
import { NAMES } from './names.ts'
import { findStoreArgument, parseStoreRequest, type StoreRequest } from './store-request.ts'

export interface Overlay {
  readonly store: StoreRequest
  /** The argument that asked, as typed and escaped ("rd.live.overlay=/dev/sdb:/x"); undefined when none did. */
  readonly asked: string | undefined
  /** rd.live.overlay.overlayfs: keep changes file by file, even where the base is a block device. */
  readonly overlayFs: boolean
  /** rd.live.overlay.reset; undefined when the store is not to be emptied. */
  readonly reset: ResetRequest | undefined
  /** rd.live.overlay.readonly: the store is read, what is written now goes to RAM. */
  readonly readOnly: boolean
  /** rd.live.overlay.size= in bytes; undefined when not given. Concerns the store in RAM alone. */
  readonly temporaryBytes: number | undefined
}

/** The store is to be emptied: once for each argument that asks, or at every boot. */
export interface ResetRequest {
  /** As typed and escaped ("rd.live.overlay.reset=2"): see isSameReset. */
  readonly asked: string
  readonly always: boolean
}

/** Where changes go and how; what contradicts itself is settled so that nothing is lost. */
export function parseOverlay(
  cmdline: readonly Argument[],
  rootIsLive: boolean,
  findings: Findings,
): Overlay {
  const argument = findStoreArgument(cmdline, findings)
  const readOnly = isAnyOn(cmdline, ...NAMES.readOnly)
  noteWithoutEffect(cmdline, findings)
  return {
    store: parseStoreRequest(argument, rootIsLive, findings),
    asked: argument === undefined ? undefined : formatPrintable(argument.typed),
    overlayFs: isAnyOn(cmdline, ...NAMES.overlayFs),
    reset: parseReset(cmdline, readOnly, findings),
    readOnly,
    temporaryBytes: parseTemporaryBytes(cmdline, findings),
  }
}

/** A record has no room for more. */
const MOST_CHARACTERS = 255

/** The value that asks for it at every boot; to stock dracut it is a word for yes, like any other. */
const ALWAYS = 'always'

function parseReset(
  cmdline: readonly Argument[],
  readOnly: boolean,
  findings: Findings,
): ResetRequest | undefined {
  const reset = findArgument(cmdline, ...NAMES.reset)
  if (reset === undefined || !isOn(reset)) return undefined
  const asked = formatPrintable(reset.typed)
  if (readOnly) findings.problem(reset, 'a store that is only to be read is not reset')
  // It could not be noted as done, and would be done at every boot.
  else if (asked.length > MOST_CHARACTERS)
    findings.problem(reset, 'too long: the store is not reset')
  else return { asked, always: reset.value === ALWAYS }
  return undefined
}

/** Whether two arguments, as ResetRequest has them, ask for the same: another value does not, another alias does. */
export function isSameReset(one: string, other: string): boolean {
  return requestOf(one) === requestOf(other)
}

function requestOf(argument: string): string | undefined {
  return parseKernelCmdline(argument)[0]?.value
}

function noteWithoutEffect(cmdline: readonly Argument[], findings: Findings): void {
  const thin = findArgument(cmdline, ...NAMES.thin)
  if (thin !== undefined && isOn(thin)) {
    findings.ignored(thin, 'the RAM store is not thin; nothing else changes')
  }
  const fileSystem = findArgument(cmdline, ...NAMES.fileSystem)
  if (fileSystem !== undefined) {
    findings.ignored(fileSystem, 'no partition is made at boot; prepare one with mkfs')
  }
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
}

/** A whole number of MiB as in dracut, or with a unit as in kiwi; more than 2^53 bytes is refused. */
function parseTemporaryBytes(cmdline: readonly Argument[], findings: Findings): number | undefined {
  const argument = findArgument(cmdline, ...NAMES.size)
  if (argument === undefined) return undefined
  const [, digits, unit] = /^(\d+)([KMGT]?)$/i.exec(argument.value ?? '') ?? []
  const bytes = Number(digits) * (UNIT_BYTES[unit?.toUpperCase() || 'M'] ?? 0)
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  findings.problem(argument, 'not a size (MiB, or a number with K, M, G or T); the default is used')
  return undefined
}
