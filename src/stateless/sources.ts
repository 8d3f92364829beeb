import { cleanPath } from '../cmdline/clean-path.ts'
import { type DeviceSpec, formatDeviceSpec, parseDeviceSpec } from '../cmdline/device-spec.ts'
import type { FstabEntry } from '../formats/fstab.ts'
import type { Settings } from './settings.ts'

/** A file system that may hold scratch or state, in the order in which they are tried. */
export interface Source {
  /** A block device, a folder inside the root that is bound, or what only mount(8) knows: a server, tmpfs. */
  readonly kind: 'device' | 'folder' | 'other'
  /** What it is called in the log: as it was typed. */
  readonly name: string
  /** The device that it is on, when it is on one. */
  readonly device: DeviceSpec | undefined
  /** What mount(8) takes for the file system; a folder as it is seen inside the root. */
  readonly source: string
  readonly type: string
  readonly options: readonly string[]
  /** Whether only an XFS file system is meant: its labels have 12 characters, and a longer one is cut off. */
  readonly xfsAlone: boolean
}

/** XFSLABEL_MAX, fs/xfs/libxfs/xfs_format.h. */
const XFS_LABEL_CHARACTERS = 12
/** For mount -a, for mounting by others than root, and for systemd; not for a mount that is made by hand. */
const NOT_FOR_US =
  /^(defaults|auto|noauto|nofail|_netdev|users?|nousers?|owner|group|r?bind|x-.*|comment=.*)$/

/** What the root's fstab says of a mount point, and the labelled file systems, which the original tries next. */
export function scratchSources(settings: Settings, fstab: readonly FstabEntry[]): Source[] {
  return [...fromFstab(fstab, settings.scratchName), ...byLabel(settings.scratchLabel)]
}

/** The same for state, and last the folder of this client on a server; `hostName` is undefined where it has none. */
export function stateSources(
  settings: Settings,
  fstab: readonly FstabEntry[],
  hostName: string | undefined,
): Source[] {
  const { stateName, stateArguments, stateLabel, clientState } = settings
  const listed = fromFstab(fstab, stateName).map((source) => ({
    ...source,
    type: stateArguments.type ?? source.type,
    options: [...source.options, ...stateArguments.options],
  }))
  const server =
    clientState === undefined || hostName === undefined ? [] : [onServer(clientState, hostName)]
  return [...listed, ...byLabel(stateLabel), ...server]
}

function fromFstab(fstab: readonly FstabEntry[], at: string): Source[] {
  const entry = fstab.filter((each) => each.at === at).at(-1)
  if (entry === undefined) return []
  const { source, type } = entry
  const options = entry.options.filter((option) => !NOT_FOR_US.test(option))
  const common = { name: source, type, options, xfsAlone: false }
  if (entry.options.some((option) => /^r?bind$/.test(option))) {
    const folder = cleanPath(source)
    if (typeof folder !== 'string' || !folder.startsWith('/')) return []
    return [{ ...common, kind: 'folder', device: undefined, source: folder }]
  }
  const spec = parseDeviceSpec(source)
  if ('why' in spec) return [{ ...common, kind: 'other', device: undefined, source }]
  return [{ ...common, kind: 'device', device: spec, source }]
}

function byLabel(label: string | undefined): Source[] {
  if (label === undefined) return []
  const labelled = (value: string, xfsAlone: boolean): Source => {
    const device: DeviceSpec = { kind: 'label', value }
    const name = formatDeviceSpec(device)
    return { kind: 'device', name, device, source: name, type: 'auto', options: [], xfsAlone }
  }
  const short = label.slice(0, XFS_LABEL_CHARACTERS)
  return [labelled(label, false), ...(short === label ? [] : [labelled(short, true)])]
}

/** As the original mounts it; a server that does not answer is asked once. */
function onServer(clientState: string, hostName: string): Source {
  const source = `${clientState}/${hostName}`
  const options = ['rw', 'nolock', 'retry=0']
  const common = { kind: 'other', device: undefined, type: 'nfs', xfsAlone: false } as const
  return { ...common, name: source, source, options }
}
