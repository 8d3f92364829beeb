/** Whether a path lies below a folder, and is not the folder itself. */
export function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** The folders on the way to a path, the nearest first, '/' last. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return [...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`).reverse(), '/']
}

/** The folder that a path lies in; '/' for the root itself. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** Whether a path is one of these or lies below one. */
export function coversAny(paths: readonly string[]): (path: string) => boolean {
  const all = new Set(paths)
  return (path) => all.has(path) || foldersAbove(path).some((folder) => all.has(folder))
}

/** The items by a key, each group and the items in it in the order in which they came. */
export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key) {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** Sorted so that a folder comes before what lies in it, and one of each path: the first that was given. */
export function parentFirst<Item extends { readonly path: string }>(
  items: readonly Item[],
): Item[] {
  const byPath = new Map<string, Item>()
  for (const item of items) if (!byPath.has(item.path)) byPath.set(item.path, item)
  const key = ({ path }: Item) => `${path}/`
  return [...byPath.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** Without those that lie below another one. */
export function topmost<Item extends { readonly path: string }>(items: readonly Item[]): Item[] {
  const paths = new Set(items.map(({ path }) => path))
  return items.filter(
    ({ path }) => path === '/' || !foldersAbove(path).some((folder) => paths.has(folder)),
  )
}

/** Their files are the kernel's, or are made anew at each boot; nothing that lies there is in the image. */
const VOLATILE = ['/proc', '/sys', '/dev', '/run']

/** Whether the path lies where another file system is mounted in every boot anyway. */
export function isVolatile(path: string): boolean {
  return VOLATILE.some((folder) => path === folder || isBelow(path, folder))
}
