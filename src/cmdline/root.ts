import { cleanPath } from './clean-path.ts'
import { type DeviceSpec, parseDeviceSpec } from './device-spec.ts'
import type { Findings } from './findings.ts'
import { type Argument, findArgument, isAnyOn } from './kernel-cmdline.ts'
import { NAMES } from './names.ts'
import type { Refusal } from './refusal.ts'

export interface LiveRoot {
  readonly kind: 'live'
  /** As typed, without "live:". */
  readonly text: string
  readonly medium: Medium
  /** rd.live.dir=, without slashes at its ends. */
  readonly directory: string
  /** rd.live.squashimg= */
  readonly squashImage: string
  /** rd.live.ram=1 */
  readonly copyToRam: boolean
  /** iso-scan/filename=: the medium is inside this ISO, which lies on some mountable device. */
  readonly isoFile: string | undefined
}

/** A device, or an image file in the initramfs (live:/x.iso). */
export type Medium = DeviceSpec | { readonly kind: 'file'; readonly path: string }

export interface OtherRoot {
  readonly kind: 'other'
  /** root= as typed. */
  readonly text: string | undefined
  /** Why it is not the live root that was asked for. */
  readonly why?: string
}

const NETWORK = /^(https?|ftps?|tftp|torrent|nfs[34]?|cifs|smb):/i
const DEFAULT_DIRECTORY = 'LiveOS'
const DEFAULT_SQUASH_IMAGE = 'squashfs.img'

/**
 * What root= asks for: `live:` and a medium, or with rd.live.image the medium alone. What names no medium
 * that holdfast can reach is another root, and a problem where it was meant to be live.
 */
export function parseRoot(cmdline: readonly Argument[], findings: Findings): LiveRoot | OtherRoot {
  const argument = findArgument(cmdline, 'root')
  const typed = argument?.value
  const other: OtherRoot = { kind: 'other', text: typed }
  const isLive = typed?.startsWith('live:') === true
  if (!isLive && !isAnyOn(cmdline, ...NAMES.liveImage)) return other
  if (argument === undefined || !typed) {
    return { ...other, why: 'rd.live.image asks for a live medium, and root= names none' }
  }
  const text = isLive ? typed.slice('live:'.length) : typed
  const medium = parseMedium(text)
  if ('why' in medium) {
    findings.problem(argument, `${medium.why}; the root is left to dracut`)
    return { ...other, why: medium.why }
  }
  return {
    kind: 'live',
    text,
    medium,
    directory: parseFolder(cmdline, NAMES.liveDirectory, DEFAULT_DIRECTORY, findings),
    squashImage: parseFolder(cmdline, NAMES.squashImage, DEFAULT_SQUASH_IMAGE, findings),
    copyToRam: isAnyOn(cmdline, ...NAMES.copyToRam),
    isoFile: parseIsoFile(cmdline, findings),
  }
}

function parseMedium(text: string): Medium | Refusal {
  if (NETWORK.test(text)) {
    return { why: "media on the network are fetched by dracut's livenet, not by holdfast" }
  }
  if (!text.startsWith('/') || text.startsWith('/dev/')) return parseDeviceSpec(text)
  const path = cleanPath(text)
  if (typeof path !== 'string') return path
  return path === '' ? { why: `'${text}' names no file` } : { kind: 'file', path }
}

/** A path inside the medium, relative; the default where it is empty or refused. */
function parseFolder(
  cmdline: readonly Argument[],
  names: readonly string[],
  fallback: string,
  findings: Findings,
): string {
  const argument = findArgument(cmdline, ...names)
  if (argument === undefined) return fallback
  const path = cleanPath(argument.value ?? '')
  if (typeof path === 'string') return path.replace(/^\//, '') || fallback
  findings.problem(argument, `${path.why}; ${fallback} is used`)
  return fallback
}

function parseIsoFile(cmdline: readonly Argument[], findings: Findings): string | undefined {
  const argument = findArgument(cmdline, 'iso-scan/filename')
  if (argument?.value === undefined || argument.value === '') return undefined
  const path = cleanPath(`/${argument.value}`)
  if (typeof path === 'string' && path !== '') return path
  const why = typeof path === 'string' ? 'it names no file' : path.why
  findings.problem(argument, `${why}; no ISO file is looked for`)
  return undefined
}
