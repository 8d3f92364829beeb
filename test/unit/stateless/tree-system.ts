import type { FileStat, System } from '../../../src/machine/system.ts'
import { mapSystem } from '../map-system.ts'

/** A file's text; a folder is {}, a link its target; the rest by its kind. */
export type Node =
  | string
  | { readonly link: string }
  | { readonly kind: FileStat['kind']; readonly mode?: number; readonly uid?: number }

/** A System with these files; folders above them are there too. */
export function treeSystem(files: Readonly<Record<string, Node>>): System {
  const entries = Object.entries(files)
  const pick = <Value>(read: (node: Node) => Value | undefined) =>
    Object.fromEntries(
      entries.flatMap(([path, node]) => {
        const value = read(node)
        return value === undefined ? [] : [[path, value] as const]
      }),
    )
  return mapSystem({
    texts: pick((node) => (typeof node === 'string' ? node : undefined)),
    links: pick((node) => (typeof node === 'object' && 'link' in node ? node.link : undefined)),
    kinds: pick((node) => {
      if (typeof node === 'string') return undefined
      return 'link' in node ? 'symlink' : node.kind
    }),
    stats: pick((node) => {
      if (typeof node === 'string' || 'link' in node) return undefined
      const { mode = 0o755, uid = 0 } = node
      return { mode, uid }
    }),
  })
}
