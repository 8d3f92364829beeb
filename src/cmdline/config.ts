import { Findings, type Note, type Problem } from './findings.ts'
import { type Argument, findArgument, isAnyOn, parseKernelCmdline } from './kernel-cmdline.ts'
import { DEPRECATED, isUnknown, NAMES, nearestName } from './names.ts'
import { type Overlay, parseOverlay } from './overlay.ts'
import { type LiveRoot, type OtherRoot, parseRoot } from './root.ts'
import { parseRootFlags } from './root-flags.ts'
import { noteStore } from './store-request.ts'

export type { Note, Problem } from './findings.ts'
export type { Overlay } from './overlay.ts'
export type { LiveRoot, Medium, OtherRoot } from './root.ts'
export type { StoreRequest } from './store-request.ts'

/** What the kernel command line asks for, defaults resolved. Made by parseConfig; never changed after. */
export interface Config {
  readonly root: LiveRoot | OtherRoot
  readonly overlay: Overlay
  /** rootflags=, split at commas outside quotes; options of the mount that becomes the root. */
  readonly rootFlags: readonly string[]
  /** The last of the words ro and rw; undefined when neither is there. */
  readonly rootMode: 'ro' | 'rw' | undefined
  /** True for readonlyroot, false for noreadonlyroot, which wins; undefined where neither decides over READONLY. */
  readonly readOnlyRoot: boolean | undefined
  /** rd.holdfast.state=: what follows when statetab lists paths and what keeps them cannot be had. */
  readonly state: StatePolicy
  /** rd.holdfast.files=: how a kept file comes to be seen at its path. */
  readonly files: FilesMode
  /** rd.holdfast.onfail= */
  readonly onFail: OnFail
  /** rd.holdfast.timeout=: how long to wait for the persistence device. */
  readonly timeoutSeconds: number
  /** What was not understood, each with what is done instead. A problem of the store leads to onFail. */
  readonly problems: readonly Problem[]
  /** What was understood but is ignored, deprecated or renamed: said once, in the log and by explain. */
  readonly notes: readonly Note[]
}

const ON_FAIL = ['temporary', 'readonly', 'shell', 'reboot', 'poweroff'] as const
export type OnFail = (typeof ON_FAIL)[number]

const STATE_POLICIES = ['degraded', 'required'] as const
/** degraded: the boot goes on and says so. required: rd.holdfast.onfail= decides. */
export type StatePolicy = (typeof STATE_POLICIES)[number]

const FILES_MODES = ['overlay', 'bind'] as const
/** overlay: by OverlayFS on its folder, so that it can be renamed over. bind: as a mount point of its own. */
export type FilesMode = (typeof FILES_MODES)[number]

export const DEFAULT_FILES_MODE: FilesMode = 'overlay'
export const DEFAULT_ON_FAIL: OnFail = 'temporary'
export const DEFAULT_TIMEOUT_SECONDS = 30
const LONGEST_TIMEOUT_SECONDS = 3600

/**
 * The configuration that a kernel command line asks for. Lines are sources, the strongest last:
 * /etc/cmdline.d/*.conf, /etc/cmdline, /proc/cmdline. Takes any text, and finds all problems in it.
 */
export function parseConfig(text: string): Config {
  const cmdline = parseKernelCmdline(text)
  const findings = new Findings()
  const root = parseRoot(cmdline, findings)
  const overlay = parseOverlay(cmdline, root.kind === 'live', findings)
  const rootFlags = parseRootFlags(cmdline, findings)
  const config = {
    root,
    overlay,
    rootFlags,
    rootMode: parseRootMode(cmdline),
    readOnlyRoot: parseReadOnlyRoot(cmdline),
    state: parseWord(cmdline, NAMES.state, STATE_POLICIES, 'degraded', findings),
    files: parseWord(cmdline, NAMES.files, FILES_MODES, DEFAULT_FILES_MODE, findings),
    onFail: parseWord(cmdline, NAMES.onFail, ON_FAIL, DEFAULT_ON_FAIL, findings),
    timeoutSeconds: parseTimeoutSeconds(cmdline, findings),
  }
  noteStore(cmdline, overlay.store, rootFlags, findings)
  judgeNames(cmdline, findings)
  return { ...config, problems: findings.problems, notes: findings.notes }
}

function parseRootMode(cmdline: readonly Argument[]): Config['rootMode'] {
  const last = cmdline.filter(isRootMode).at(-1)
  return last === undefined ? undefined : last.name === 'ro' ? 'ro' : 'rw'
}

function parseReadOnlyRoot(cmdline: readonly Argument[]): boolean | undefined {
  if (isAnyOn(cmdline, ...NAMES.notReadOnlyRoot)) return false
  return isAnyOn(cmdline, ...NAMES.readOnlyRoot) ? true : undefined
}

function isRootMode(argument: Argument): boolean {
  return argument.value === undefined && (argument.name === 'ro' || argument.name === 'rw')
}

function parseWord<Word extends string>(
  cmdline: readonly Argument[],
  names: readonly string[],
  words: readonly Word[],
  otherwise: Word,
  findings: Findings,
): Word {
  const argument = findArgument(cmdline, ...names)
  if (argument === undefined) return otherwise
  const found = words.find((word) => word === argument.value)
  if (found !== undefined) return found
  findings.problem(argument, `must be one of ${words.join(', ')}; ${otherwise} is used`)
  return otherwise
}

function parseTimeoutSeconds(cmdline: readonly Argument[], findings: Findings): number {
  const argument = findArgument(cmdline, ...NAMES.timeout)
  if (argument === undefined) return DEFAULT_TIMEOUT_SECONDS
  const seconds = /^\d+$/.test(argument.value ?? '') ? Number(argument.value) : Number.NaN
  if (seconds <= LONGEST_TIMEOUT_SECONDS) return seconds
  const range = `seconds from 0 to ${LONGEST_TIMEOUT_SECONDS}`
  findings.problem(argument, `must be whole ${range}; ${DEFAULT_TIMEOUT_SECONDS} is used`)
  return DEFAULT_TIMEOUT_SECONDS
}

/** Names that are old, names that are nearly right, and the quote that swallowed what comes after it. */
function judgeNames(cmdline: readonly Argument[], findings: Findings): void {
  for (const argument of cmdline) {
    const replacement = DEPRECATED.get(argument.name)
    if (replacement !== undefined) findings.remark(argument, `deprecated, now ${replacement}`)
    if (isUnknown(argument.name)) {
      const nearest = nearestName(argument.name)
      const hint = nearest === undefined ? '' : ` (perhaps ${nearest})`
      findings.problem(argument, `is not known${hint}, ignored`)
    }
    if (!argument.closed)
      findings.problem(argument, 'its quote is not closed and takes in all that follows')
  }
}
