import { formatCowHeader } from '../../../src/formats/cow-store.ts'
import { imageStart } from '../image-start.ts'
import { addMount, directory, file, type State, type Tree, tree } from './state.ts'

/** A boot: its kernel command line, and the machine in pre-pivot. */
export interface Scenario {
  readonly cmdline: string
  readonly state: () => State
}

const MIB = 2 ** 20
const GIB = 2 ** 30
export const HOLDER = '/run/initramfs/overlayfs'

/** The initramfs of systemd, in which all mounts are shared; nothing else is mounted. */
function initramfs(): State {
  const rootfs = tree('rootfs', ['/run', '/sysroot', '/mnt', '/dev', '/proc'])
  const common = { options: ['rw'], superOptions: ['rw'], root: '/' }
  const top = { mountId: 1, parentId: 0, device: '0:1', fsType: 'rootfs', source: 'rootfs' }
  const state: State = {
    mounts: [{ ...common, ...top, mountPoint: '/', tree: rootfs, group: 1000 }],
    disks: [],
    lastId: 100,
  }
  const run = tree('tmpfs', ['/initramfs', '/initramfs/live'])
  addMount(state, {
    ...common,
    device: '0:2',
    mountPoint: '/run',
    fsType: 'tmpfs',
    source: 'tmpfs',
    tree: run,
  })
  return state
}

function addDisk(state: State, name: string, number: string, held: Tree): void {
  state.disks.push({ name, number, sectors: 2 ** 21, readOnly: false, tree: held })
}

function mount(state: State, name: string, at: string, mode: 'ro' | 'rw'): void {
  const disk = state.disks.find((each) => each.name === name)
  if (disk?.tree === undefined) throw new Error(`no file system on ${name}`)
  addMount(state, {
    device: disk.number,
    root: '/',
    mountPoint: at,
    options: [mode, 'relatime'],
    fsType: disk.tree.type,
    source: `/dev/${name}`,
    superOptions: [mode, 'seclabel'],
    tree: disk.tree,
  })
}

/** A root on sda2, and a persistence device sdb that is not mounted. */
function machine(rootType = 'ext4'): State {
  const state = initramfs()
  addDisk(state, 'sda2', '8:2', tree(rootType, ['/usr', '/data', '/usr/local']))
  mount(state, 'sda2', '/sysroot', 'ro')
  const persist = tree('ext4', ['/changes'])
  persist.files.set('/persist.img', file(300 * MIB))
  persist.files.set('/used.img', file(300 * MIB, [...formatCowHeader(8)]))
  persist.files.set('/layers.img', file(300 * MIB, [...imageStart('ext4', 4096)], tree('ext4')))
  addDisk(state, 'sdb', '8:16', persist)
  return state
}

/** A root that is not all that its device holds. */
function subvolume(): State {
  const state = machine('btrfs')
  state.mounts = state.mounts.map((each) =>
    each.mountPoint === '/sysroot' ? { ...each, root: '/usr' } : each,
  )
  return state
}

/** Below the root a tmpfs with a file in it, and in that another. */
function withMountsBelow(): State {
  const state = machine()
  for (const [at, number] of [
    ['/sysroot/usr', '0:40'],
    ['/sysroot/usr/local', '0:41'],
  ] as const) {
    const held = tree('tmpfs', ['/local'])
    held.files.set('/kept', file(7))
    const common = { root: '/', source: 'tmpfs', superOptions: ['rw'], options: ['rw', 'relatime'] }
    addMount(state, { ...common, device: number, mountPoint: at, fsType: 'tmpfs', tree: held })
  }
  return state
}

function withSdbAt(at: string, mode: 'ro' | 'rw'): State {
  const state = machine()
  mount(state, 'sdb', at, mode)
  return state
}

/** Somebody else's tmpfs lies where the persistence device is to be mounted. */
function withHolderTaken(): State {
  const state = machine()
  state.mounts
    .find(({ mountPoint }) => mountPoint === '/run')
    ?.tree.files.set('/initramfs/overlayfs', directory())
  const common = { root: '/', source: 'tmpfs', superOptions: ['rw'], options: ['rw'] }
  addMount(state, {
    ...common,
    device: '0:50',
    mountPoint: HOLDER,
    fsType: 'tmpfs',
    tree: tree('tmpfs'),
  })
  return state
}

const STORE = 'rd.live.overlay=/dev/sdb:/persist.img'
const OVERLAYFS = 'rd.live.overlay.overlayfs'

/** What a boot may be asked for, each on a machine that can give it. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  'a blank store': { cmdline: STORE, state: machine },
  'a used store': { cmdline: 'rd.live.overlay=/dev/sdb:/used.img', state: machine },
  'a store that is emptied': {
    cmdline: 'rd.live.overlay=/dev/sdb:/used.img rd.live.overlay.reset',
    state: machine,
  },
  'a store that is only read': {
    cmdline: 'rd.live.overlay=/dev/sdb:/used.img rd.live.overlay.readonly',
    state: machine,
  },
  'a store in RAM': { cmdline: 'rd.overlay', state: machine },
  'mounts below the root': { cmdline: STORE, state: withMountsBelow },
  'a store on the medium': { cmdline: STORE, state: () => withSdbAt('/run/initramfs/live', 'ro') },
  'a store on a file system below the root': {
    cmdline: STORE,
    state: () => withSdbAt('/sysroot/data', 'ro'),
  },
  'a store on a file system that is mounted elsewhere': {
    cmdline: STORE,
    state: () => withSdbAt('/mnt', 'rw'),
  },
  'a holder folder that is in use': { cmdline: STORE, state: withHolderTaken },
  'layers in RAM': { cmdline: 'rd.overlay', state: () => machine('squashfs') },
  'layers over a subvolume': { cmdline: `rd.overlay ${OVERLAYFS}`, state: subvolume },
  'layers in a directory': {
    cmdline: `rd.live.overlay=/dev/sdb:/changes ${OVERLAYFS}`,
    state: machine,
  },
  'layers in an image': {
    cmdline: `rd.live.overlay=/dev/sdb:/layers.img ${OVERLAYFS}`,
    state: machine,
  },
}

/** Before the root is mounted: an optical medium as it is usually made, and the persistence device. */
export function liveMachine(): State {
  const state = initramfs()
  const squash = tree('squashfs', ['/LiveOS'])
  squash.files.set(
    '/LiveOS/rootfs.img',
    file(GIB, [...imageStart('ext4', 4096)], tree('ext4', ['/usr'])),
  )
  const medium = tree('iso9660', ['/LiveOS'])
  medium.files.set(
    '/LiveOS/squashfs.img',
    file(200 * MIB, [...imageStart('squashfs', 4096)], squash),
  )
  addDisk(state, 'sr0', '11:0', medium)
  const persist = tree('ext4')
  persist.files.set('/persist.img', file(300 * MIB))
  addDisk(state, 'sdb', '8:16', persist)
  return state
}
