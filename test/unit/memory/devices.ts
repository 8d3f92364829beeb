import { BUSY, type Disk, type Dm, entryAt, nextId, Refused, resolve, type State } from './state.ts'

/** losetup and dmsetup, as far as holdfast uses them; nothing that is in use goes, not even later by itself. */

export function findDisk(state: State, node: string): Disk {
  const name = node.replace('/dev/', '')
  const disk = state.disks.find((each) => each.name === name || `mapper/${each.dm?.name}` === name)
  if (disk === undefined) throw new Refused(`special device ${node} does not exist.`)
  return disk
}

export function isHeld(state: State, disk: Disk): boolean {
  return state.disks.some(({ dm }) => dm?.slaves.includes(disk.name))
}

function isMounted(state: State, disk: Disk): boolean {
  return state.mounts.some(({ device }) => device === disk.number)
}

export function attach(state: State, words: readonly string[], autoClear = false): string {
  const path = words.at(-1) ?? ''
  if (path.startsWith('/dev/')) return addLoop(state, { ...findDisk(state, path), readOnly: true })
  const entry = entryAt(state, path)
  if (entry?.kind !== 'file') throw new Refused(`${path}: No such file or directory`)
  const { mount } = resolve(state, path)
  const readOnly = words.includes('--read-only')
  if (!readOnly && mount.options.includes('ro')) throw new Refused('Read-only file system')
  const loop = { file: path, entry, mountId: mount.mountId, autoClear }
  const sectors = Math.floor(entry.bytes / 512)
  return addLoop(state, { sectors, readOnly, tree: entry.holds, loop })
}

/** Over a file, or over a whole device. */
function addLoop(state: State, disk: Omit<Disk, 'name' | 'number' | 'dm'>): string {
  const free = [0, 1, 2, 3, 4, 5, 6, 7].find(
    (n) => !state.disks.some(({ name }) => name === `loop${n}`),
  )
  state.disks.push({ ...disk, name: `loop${free}`, number: `7:${free}` })
  return `/dev/loop${free}\n`
}

export function detach(state: State, [, node = '']: readonly string[]): string {
  const disk = findDisk(state, node)
  if (isHeld(state, disk) || isMounted(state, disk)) throw new Refused('Device or resource busy')
  state.disks = state.disks.filter((other) => other !== disk)
  return ''
}

export function createDm(state: State, words: readonly string[]): string {
  const [, name = '', , uuid = ''] = words
  const [, sectors, , ...below] = (words.at(-1) ?? '').split(' ')
  const slaves = below
    .filter((word) => word.startsWith('/dev/'))
    .map((node) => findDisk(state, node))
  const taken = state.disks.some(({ dm }) => dm?.name === name)
  if (taken || slaves.some((disk) => isMounted(state, disk))) {
    throw new Refused(`device-mapper: reload ioctl on ${name} failed: Device or resource busy`)
  }
  const number = nextId(state)
  state.disks.push({
    name: `dm-${number}`,
    number: `254:${number}`,
    sectors: Number(sectors),
    readOnly: words.includes('--readonly'),
    tree: slaves[0]?.tree,
    dm: {
      name,
      uuid,
      slaves: slaves.map((disk) => disk.name),
      table: byNumbers(state, words.at(-1)),
    },
  })
  return ''
}

export function removeDm(state: State, words: readonly string[]): string {
  const disk = state.disks.find(({ dm }) => dm !== undefined && dm.name === words.at(-1))
  if (disk === undefined) throw new Refused(`Device ${words.at(-1)} not found`)
  if (isHeld(state, disk) || isMounted(state, disk)) throw new Refused(BUSY)
  state.disks = state.disks.filter((other) => other !== disk)
  return ''
}

function byNumbers(state: State, table = ''): string {
  return table.replace(/\/dev\/\S+/g, (node) => findDisk(state, node).number)
}

/** The loop device becomes as long as its file. */
export function setCapacity(state: State, [, node = '']: readonly string[]): string {
  const disk = findDisk(state, node)
  if (disk.loop === undefined) throw new Refused('Inappropriate ioctl for device')
  disk.sectors = Math.floor(disk.loop.entry.bytes / 512)
  return ''
}

function findDm(state: State, name: string): Dm {
  const { dm } = findDisk(state, `/dev/mapper/${name}`)
  if (dm === undefined) throw new Refused(`Device ${name} not found`)
  return dm
}

/** Suspend, load, clear, resume, table and status; a table is only loaded into a device, never into none. */
export function changeDm(state: State, [verb = '', ...words]: readonly string[]): string {
  const dm = findDm(
    state,
    words.filter((word) => /^[\w-]+$/.test(word) && !/^--/.test(word))[0] ?? '',
  )
  switch (verb) {
    case 'table':
      return `${dm.table}\n`
    case 'status':
      return `${statusOf(state, dm)}\n`
    case 'suspend':
      dm.suspended = true
      return ''
    case 'load':
      dm.loaded = byNumbers(state, words.at(-1))
      return ''
    case 'clear':
      dm.loaded = undefined
      return ''
    default:
      return resume(dm)
  }
}

function resume(dm: Dm): string {
  if (dm.loaded !== undefined) {
    if (!dm.suspended) throw new Refused('resumed without having been suspended')
    if (dm.table.includes('error')) dm.overflow = false
    dm.table = dm.loaded
    dm.loaded = undefined
  }
  dm.suspended = false
  return ''
}

function statusOf(state: State, { table, overflow }: Dm): string {
  const [start, sectors, kind, , cow] = table.split(' ')
  if (kind !== 'snapshot') return `${start} ${sectors} ${kind}`
  const total = state.disks.find(({ number }) => number === cow)?.sectors
  return `${start} ${sectors} snapshot ${overflow ? 'Overflow' : `64/${total} 64`}`
}
