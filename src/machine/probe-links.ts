import { attempt, tryList } from './attempt.ts'
import type { System } from './system.ts'

/**
 * The names that udev and device-mapper gave to block devices: node to links, from /dev/mapper and
 * /dev/disk/by-*. Empty where udev has not run.
 */
export function probeLinks(system: System): ReadonlyMap<string, readonly string[]> {
  const links = new Map<string, string[]>()
  for (const folder of linkFolders(system)) {
    for (const name of tryList(system, folder)) {
      const link = `${folder}/${name}`
      const node = nodeOf(system, link)
      if (node !== undefined) links.set(node, [...(links.get(node) ?? []), link])
    }
  }
  return links
}

function linkFolders(system: System): string[] {
  const kinds = tryList(system, '/dev/disk').filter((name) => name.startsWith('by-'))
  return ['/dev/mapper', ...kinds.map((kind) => `/dev/disk/${kind}`)]
}

function nodeOf(system: System, link: string): string | undefined {
  const target = attempt(() => system.readLink(link), undefined)
  if (target === undefined || target.startsWith('/')) return target
  return `/dev/${target.replace(/^(\.\.\/)+/, '')}`
}
