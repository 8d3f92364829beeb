import { formatPrintable } from '../printable.ts'
import type { DeviceSpec } from './device-spec.ts'
import type { Findings } from './findings.ts'
import { type Argument, findArgument, isOffWord } from './kernel-cmdline.ts'
import { NAMES } from './names.ts'
import { parseStoreSpec } from './store-spec.ts'

export type StoreRequest =
  /** Nothing asked of an ordinary root: it is left alone. */
  | { readonly kind: 'untouched' }
  /** A store in RAM: a live root without an argument, or a bare rd.overlay. */
  | { readonly kind: 'temporary' }
  /** rd.live.overlay=none: no snapshot; the base itself is mounted, writable where it can be. */
  | { readonly kind: 'none' }
  /** path undefined means auto: /<rd.live.dir>/overlay-<LABEL>-<UUID> of the medium. */
  | { readonly kind: 'persistent'; readonly device: DeviceSpec; readonly path: string | undefined }
  /** Persistence was asked for in words that cannot be followed (problems says why), or its device no longer answers. Leads to onFail. */
  | { readonly kind: 'unusable'; readonly why: string; readonly hint?: string | undefined }

/**
 * The argument that says where changes go. One rule for all spellings: of each name the last occurrence
 * counts; of rd.live.overlay, rd.overlay and overlay the first that is there and not switched off.
 */
export function findStoreArgument(
  cmdline: readonly Argument[],
  findings: Findings,
): Argument | undefined {
  let decides: Argument | undefined
  for (const name of NAMES.store) {
    const all = cmdline.filter((argument) => argument.name === name)
    const last = all.at(-1)
    for (const argument of all.slice(0, -1)) {
      if (argument.typed !== last?.typed) findings.ignored(argument, `the last ${name}= wins`)
    }
    if (last === undefined || isOffWord(last.value ?? '')) continue
    if (decides !== undefined) findings.ignored(last, `${decides.name}= comes before ${name}=`)
    decides ??= last
  }
  return decides
}

/** What the deciding argument asks for; without one, a live root gets RAM and another is left alone. */
export function parseStoreRequest(
  argument: Argument | undefined,
  rootIsLive: boolean,
  findings: Findings,
): StoreRequest {
  if (argument === undefined) return { kind: rootIsLive ? 'temporary' : 'untouched' }
  const value = argument.value ?? ''
  if (/^(none|None|NONE)$/.test(value)) return { kind: 'none' }
  if (/^(|1|yes|on)$/.test(value)) {
    if (argument.name === 'rd.overlay') {
      findings.remark(
        argument,
        'asks for a store in RAM: the snapshot, not an OverlayFS on top of it',
      )
    }
    return { kind: 'temporary' }
  }
  if (/^tmpfs(:|$)/.test(value)) {
    if (value.length > 'tmpfs:'.length) {
      findings.remark(argument, `the limits of a tmpfs are ignored; the size is ${NAMES.size[0]}=`)
    }
    return { kind: 'temporary' }
  }
  const spec = parseStoreSpec(value)
  if (!('why' in spec)) return { kind: 'persistent', ...spec }
  findings.problem(argument, `${spec.why}; there is no store to keep changes in`)
  return { kind: 'unusable', why: formatPrintable(spec.why) }
}

/** Says what cannot be had of a store, and what to watch out for where one is kept. */
export function noteStore(
  cmdline: readonly Argument[],
  store: StoreRequest,
  rootFlags: readonly string[],
  findings: Findings,
): void {
  const crypt = findArgument(cmdline, ...NAMES.crypt)
  if (crypt !== undefined) {
    findings.ignored(crypt, 'the store is not encrypted; name an opened device, /dev/mapper/...')
  }
  if (store.kind !== 'persistent') return
  const flags = findArgument(cmdline, 'rootflags')
  if (flags !== undefined && rootFlags.includes('ro')) {
    findings.remark(
      flags,
      'mounts the root read-only; nothing is kept before mount -o remount,rw /',
    )
  }
  for (const name of ['firstboot', 'ovirt_firstboot', 'reinstall', 'uninstall']) {
    const word = findArgument(cmdline, name)
    if (word === undefined || word.value === '0' || word.value === 'no') continue
    findings.remark(
      word,
      'oVirt Node clears its disks at this boot; a store on one of them is lost',
    )
  }
}
