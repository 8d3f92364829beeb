/** One mount of /proc/<pid>/mountinfo (proc(5)). */
export interface Mount {
  readonly mountId: number
  readonly parentId: number
  /** Device number of its files, "major:minor". */
  readonly device: string
  /** The folder of the file system that is mounted: "/" but for bind mounts and subvolumes. */
  readonly root: string
  readonly mountPoint: string
  readonly options: readonly string[]
  readonly fsType: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/** The mounts in the text of /proc/self/mountinfo, in its order; lines of another form are left out. */
export function parseMountInfo(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    // Fields are parted by one space each: a mount without a source has an empty field.
    const fields = line.split(' ')
    // The number of fields before the lone hyphen varies (shared:1, master:2).
    const hyphen = fields.indexOf('-', 6)
    if (hyphen < 0) continue
    const [mountId = '', parentId = '', device = '', root = '', mountPoint = '', options = ''] =
      fields
    const [fsType = '', source = '', superOptions = ''] = fields.slice(hyphen + 1)
    mounts.push({
      mountId: Number(mountId),
      parentId: Number(parentId),
      device,
      root: decodeOctal(root),
      mountPoint: decodeOctal(mountPoint),
      options: options.split(','),
      fsType: decodeOctal(fsType),
      source: decodeOctal(source),
      // A comma in a value is written as an escape, too.
      superOptions: superOptions.split(',').map(decodeOctal),
    })
  }
  return mounts
}

/** The kernel writes space, tab, newline, backslash and # as a backslash and three octal digits. */
function decodeOctal(field: string): string {
  // To replace nothing takes longer than all the rest of a line.
  if (!field.includes('\\')) return field
  return field.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}

/** The mount that is seen at exactly this path: the topmost one, and none that another one hides. */
export function findMount(mounts: readonly Mount[], path: string): Mount | undefined {
  const mount = mountOf(mounts, path)
  return mount?.mountPoint === path ? mount : undefined
}

/** The mount that the path lies on, found as the kernel walks: from the root, down through its children. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const isTop = ({ mountId, parentId }: Mount) =>
    parentId === mountId || !mounts.some((mount) => mount.mountId === parentId)
  let found: Mount | undefined
  let children = mounts.filter((mount) => contains(mount.mountPoint, path) && isTop(mount))
  while (children.length > 0) {
    // Going down the path, the walk meets the shortest mount point first; of equals, the one on top.
    const next = children.reduce((best, mount) =>
      mount.mountPoint.length <= best.mountPoint.length ? mount : best,
    )
    found = next
    children = mounts.filter(
      (mount) =>
        mount.parentId === next.mountId && mount !== next && contains(mount.mountPoint, path),
    )
  }
  return found
}

/**
 * The mounts that are seen at their own mount point, in the kernel's order: those for which findMount gives the mount
 * itself. Takes time in proportion to their number.
 */
export function visibleMounts(mounts: readonly Mount[]): Mount[] {
  const children = new Map<number, Mount[]>()
  for (const mount of mounts) {
    if (mount.parentId === mount.mountId) continue
    const siblings = children.get(mount.parentId)
    if (siblings === undefined) children.set(mount.parentId, [mount])
    else siblings.push(mount)
  }
  const visible = new Set<Mount>()
  const visit = (siblings: readonly Mount[]) => {
    // Of equals the last one is on top; one that lies higher covers those below it.
    const byPoint = new Map(siblings.map((mount) => [mount.mountPoint, mount]))
    for (const [point, mount] of byPoint) {
      if (parentsOf(point).some((parent) => byPoint.has(parent))) continue
      const below = children.get(mount.mountId) ?? []
      if (!below.some(({ mountPoint }) => mountPoint === point)) visible.add(mount)
      visit(below)
    }
  }
  const ids = new Set(mounts.map(({ mountId }) => mountId))
  visit(mounts.filter(({ mountId, parentId }) => parentId === mountId || !ids.has(parentId)))
  return mounts.filter((mount) => visible.has(mount))
}

/** mountOf for many paths: each takes time in proportion to its depth, and not to the number of mounts. */
export function mountFinder(mounts: readonly Mount[]): (path: string) => Mount | undefined {
  const visible = new Map(visibleMounts(mounts).map((mount) => [mount.mountPoint, mount]))
  return (path) => {
    const at = [path, ...parentsOf(path)].find((each) => visible.has(each))
    return at === undefined ? undefined : visible.get(at)
  }
}

/** The folders above an absolute path, the nearest first; none above "/". */
export function parentsOf(path: string): string[] {
  const parents: string[] = []
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    parents.push(path.slice(0, at))
  }
  return path === '/' ? [] : [...parents, '/']
}

/**
 * The mounts below a path, not those at it: each before its children, and those in the kernel's order.
 * They can be made again in this order, and unmounted in the reverse. What the mount at the path hides
 * is not among them.
 */
export function mountsBelow(mounts: readonly Mount[], path: string): Mount[] {
  const top = mountOf(mounts, path)
  if (!top) return []
  const children = new Map<number, Mount[]>()
  for (const mount of mounts) {
    const siblings = children.get(mount.parentId)
    if (siblings === undefined) children.set(mount.parentId, [mount])
    else siblings.push(mount)
  }
  const below: Mount[] = []
  const visit = (parent: Mount) => {
    for (const mount of children.get(parent.mountId) ?? []) {
      if (mount === parent) continue
      if (mount.mountPoint === path || !contains(path, mount.mountPoint)) continue
      below.push(mount)
      visit(mount)
    }
  }
  visit(top)
  return below
}

/** Whether the path is the directory or lies below it; both absolute, without a slash at their end. */
export function contains(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`)
}
