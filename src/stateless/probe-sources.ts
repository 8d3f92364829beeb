import { findMount, type Mount, mountOf } from '../formats/mount-table.ts'
import { tryLine, tryText } from '../machine/attempt.ts'
import type { BlockDevice, Facts } from '../machine/facts.ts'
import { locate, probeWithDevice } from '../machine/locate.ts'
import { viewOf } from '../machine/resolve-inside.ts'
import type { System } from '../machine/system.ts'
import { parseLocalAddresses } from './local-addresses.ts'
import { probePath } from './probe-paths.ts'
import type { Source } from './sources.ts'

/** A source that is there. */
export interface FoundSource {
  readonly source: Source
  /** undefined where it is on none. */
  readonly device: BlockDevice | undefined
  /** Of a folder: where it is now, and the mount that it lies on. */
  readonly folder: { readonly at: string; readonly mount: Mount } | undefined
}

/** Of the sources those that are there now, in their order. */
export function probeSources(
  system: System,
  facts: Facts,
  sources: readonly Source[],
): readonly FoundSource[] {
  return sources.flatMap((source): FoundSource[] => {
    const nothing = { source, device: undefined, folder: undefined }
    if (source.kind === 'folder') {
      const folder = findFolder(system, facts, source.source)
      return folder === undefined ? [] : [{ ...nothing, folder }]
    }
    if (source.device === undefined) return [nothing]
    const device = findDevice(probeWithDevice(system, facts.newRoot, source.device), source)
    return device === undefined ? [] : [{ ...nothing, device }]
  })
}

function findDevice(facts: Facts, { device, xfsAlone }: Source): BlockDevice | undefined {
  const found = device && locate(facts, device)
  return xfsAlone && found?.content?.type !== 'xfs' ? undefined : found
}

function findFolder(system: System, facts: Facts, path: string): FoundSource['folder'] {
  const root = viewOf(facts.newRoot)
  const found = probePath(system, root, path)
  if (found.path === undefined || found.kind !== 'directory') return undefined
  const at = root(found.path)
  const mount = mountOf(facts.mounts, at)
  return mount && { at, mount }
}

/** What somebody else has mounted at a name inside the root already; undefined for nothing. */
export function probeMounted(system: System, facts: Facts, name: string): FoundSource | undefined {
  const folder = findFolder(system, facts, name)
  if (folder === undefined || findMount(facts.mounts, folder.at) === undefined) return undefined
  const { source, fsType } = folder.mount
  const common = { kind: 'folder', device: undefined, options: [], xfsAlone: false } as const
  return {
    source: { ...common, name: source, source: name, type: fsType },
    device: undefined,
    folder,
  }
}

/** What a machine is called that has not been given a name. */
const NO_NAME = ['', '(none)', 'localhost', 'localhost.localdomain']

const LOOKUP_TIMEOUT_MS = 5_000

/**
 * The name that this machine has, or will have by the root's /etc/hostname, or that the name service has for one of its
 * addresses; undefined when it has none.
 */
export function probeHostName(system: System, newRoot: string): string | undefined {
  const isName = (name: string) => !NO_NAME.includes(name)
  const files = ['/proc/sys/kernel/hostname', viewOf(newRoot)('/etc/hostname')]
  const known = files.map((path) => tryLine(system, path)).find(isName)
  if (known !== undefined) return known
  for (const address of parseLocalAddresses(tryText(system, '/proc/net/fib_trie'))) {
    const { status, stdout } = system.run(['getent', 'hosts', address], LOOKUP_TIMEOUT_MS)
    const [, name = ''] = stdout.trim().split(/\s+/)
    if (status === 0 && isName(name)) return name
  }
  return undefined
}
