import { BUSY, type Disk, entryAt, nextId, Refused, resolve, type State } from './state.ts'

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

export function attach(state: State, words: readonly string[]): string {
  const path = words.at(-1) ?? ''
  if (path.startsWith('/dev/')) return addLoop(state, { ...findDisk(state, path), readOnly: true })
  const entry = entryAt(state, path)
  if (entry?.kind !== 'file') throw new Refused(`${path}: No such file or directory`)
  const { mount } = resolve(state, path)
  const readOnly = words.includes('--read-only')
  if (!readOnly && mount.options.includes('ro')) throw new Refused('Read-only file system')
  const loop = { file: path, entry, mountId: mount.mountId }
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
    dm: { name, uuid, slaves: slaves.map((disk) => disk.name) },
  })
  return ''
}

export function removeDm(state: State, words: readonly string[]): string {
  const disk = findDisk(state, `/dev/mapper/${words.at(-1)}`)
  if (isHeld(state, disk) || isMounted(state, disk)) throw new Refused(BUSY)
  state.disks = state.disks.filter((other) => other !== disk)
  return ''
}
