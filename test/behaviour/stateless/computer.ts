import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as assert from 'uvu/assert'
import { distFolder } from '../../../build/paths.ts'
import { type Boot, openBoot } from './boot.ts'
import { type Disk, type DiskSpec, makeDisk } from './disk.ts'
import { type Namespace, openNamespace } from './namespace.ts'
import { type Files, listTree, writeTree } from './tree.ts'
import { setXattrs } from './xattr.ts'

export interface ComputerSpec {
  /** The files of the root image, beside IMAGE. `@name@` in a text stands for the label of that disk. */
  readonly image?: Files
  readonly disks?: Readonly<Record<string, DiskSpec>>
  /** The kernel command line. */
  readonly cmdline?: string
  /** What other parts of the initramfs have left in /run. */
  readonly run?: Files
  /** Whether the root is mounted read-only; true when not given. */
  readonly readOnly?: boolean
  /** A shell script that runs in each boot before holdfast. */
  readonly before?: string
}

/** A root image and disks that are booted again and again, in mount namespaces instead of a machine. */
export interface Computer {
  /** Starts a boot: a root mounted at /sysroot, and holdfast has run. The one before is switched off first. */
  boot(): Promise<Boot>
  /** The same, while holdfast goes on running. */
  beginBoot(): Promise<Boot>
  /** Ends the boot without a clean shutdown of anything but the mounts, as its namespace is gone. */
  switchOff(): Promise<void>
  disk(name: string): Disk
  /** Changes files of the image between boots, as its maker would. */
  changeImage(files: Files): Promise<void>
  /** The same by a shell script that runs in the image's root folder. */
  changeImageBy(script: string): Promise<void>
  setCmdline(text: string): void
  close(): Promise<void>
}

export type Executable = 'holdfast' | 'holdfast-node'

/** What every image has: RW_MOUNT and STATE_MOUNT where the original looks for them when it is told nothing. */
const IMAGE: Files = {
  '/etc/fstab': 'LABEL=root / ext4 ro 0 0\n',
  '/var/lib/stateless/writable/.keep': '',
  '/var/lib/stateless/state/.keep': '',
}

/** The initramfs has such files of its own, which are not to be read. */
const INITRAMFS: Files = {
  '/etc/initrd-release': '',
  '/etc/fstab': 'initramfs /var/lib/stateless/writable tmpfs rw 0 0\n',
  '/etc/hostname': 'initramfs\n',
  '/etc/sysconfig/readonly-root': 'READONLY=yes\n',
  '/etc/rwtab': 'files /etc\nfiles /usr\nempty /sysroot\n',
  '/etc/statetab': '/etc\n',
  '/usr/sbin/holdfast': '',
  '/sysroot/.keep': '',
}

export async function openComputer(executable: Executable, spec: ComputerSpec): Promise<Computer> {
  const folder = mkdtempSync(`${tmpdir()}/stateless-`)
  const home = await openNamespace(`
    mount -t tmpfs -o mode=755 computer ${folder}
    cd ${folder}
    mkdir disks initramfs image boots
    mount -t tmpfs -o mode=755 image image`)
  const disks = Object.entries(spec.disks ?? {}).map(
    ([name, disk]) => [name, makeDisk(home, `${folder}/disks`, disk)] as const,
  )
  const find = (name: string) => {
    const found = disks.find(([each]) => each === name)?.[1]
    assert.ok(found, `no disk ${name}`)
    return found!
  }
  const labelledText = (text: string) => text.replace(/@(\w+)@/g, (_, name) => find(name).label)
  const labelled = (files: Files): Files => JSON.parse(labelledText(JSON.stringify(files)))
  const image = `${folder}/image`
  const write = (at: string, files: Files) =>
    setXattrs(home, at, writeTree(home.reach(at), labelled(files)))
  write(`${folder}/initramfs`, INITRAMFS)
  write(image, { ...IMAGE, ...spec.image })
  writeTree(home.reach(folder), { cmdline: `${spec.cmdline ?? ''}\n` })
  if (spec.readOnly ?? true) home.sh(`mount -o remount,ro ${image}`)
  let imageBefore = listTree(home.reach(image))
  let current: { boot: Boot; close(): Promise<void> } | undefined
  const change = async (work: () => unknown) => {
    await computer.switchOff()
    home.sh(`mount -o remount,rw ${image}`)
    work()
    if (spec.readOnly ?? true) home.sh(`mount -o remount,ro ${image}`)
    imageBefore = listTree(home.reach(image))
  }
  const computer: Computer = {
    async beginBoot() {
      await computer.switchOff()
      const opened = await openInitramfs(home, folder, executable)
      const { namespace } = opened
      setXattrs(namespace, '/run', writeTree(namespace.reach('/run'), labelled(spec.run ?? {})))
      current = { boot: openBoot(namespace), close: opened.close }
      namespace.sh(labelledText(spec.before ?? ''))
      return current.boot
    },
    async boot() {
      const boot = await computer.beginBoot()
      if (executable === 'holdfast') boot.dryRun()
      boot.run()
      if (executable === 'holdfast') boot.runAgain()
      return boot
    },
    async switchOff() {
      if (current === undefined) return
      const { close } = current
      current = undefined
      await close()
      if (spec.readOnly ?? true) {
        assert.equal(listTree(home.reach(image)), imageBefore, 'the image was changed')
      }
    },
    disk: find,
    changeImage: (files) => change(() => write(image, files)),
    changeImageBy: (script) => change(() => home.sh(`cd ${image}; ${script}`)),
    setCmdline: (text) => void writeTree(home.reach(folder), { cmdline: `${text}\n` }),
    async close() {
      try {
        await computer.switchOff()
      } finally {
        for (const [, disk] of disks) disk.detach()
        await home.close()
        rmdirSync(folder)
      }
    },
  }
  return computer
}

let boots = 0

/** The machine's own root with an upper layer, which has to be empty in the end; the image is mounted at /sysroot. */
async function openInitramfs(home: Namespace, folder: string, executable: Executable) {
  const own = `${folder}/boots/${++boots}`
  const layers = `lowerdir=${folder}/initramfs:/,upperdir=${own}/upper,workdir=${own}/work`
  const program = `${process.env['HOLDFAST_DIST'] || distFolder}/${executable}`
  const script = `
    mkdir -p ${own}/upper ${own}/work ${own}/root
    mount -t overlay -o ${layers} initramfs ${own}/root
    cd ${own}/root
    mount --bind ${program} usr/sbin/holdfast
    mount --rbind /proc proc
    mount --bind ${folder}/cmdline proc/cmdline
    [ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger
    mount --rbind /sys sys
    mount --rbind /dev dev
    mount -t tmpfs -o mode=755 run run
    mkdir run/initramfs
    mount --bind ${folder}/image sysroot
    pivot_root . .
    umount -l .
    cd /`
  const namespace = await openNamespace(script, home)
  const close = async () => {
    await namespace.close()
    const left = readdirSync(home.reach(`${own}/upper`))
    assert.equal(left, [], 'something outside the root was changed')
  }
  return { namespace, close }
}

/** Why these tests cannot run here; undefined when they can. */
export function findObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'they need root'
  if (!readFileSync('/proc/filesystems', 'utf8').includes('\toverlay\n')) return 'no OverlayFS'
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'no mount namespaces'
  if (spawnSync('losetup', ['--find']).status !== 0) return 'no loop devices'
  if (spawnSync('setfattr', ['--version']).status !== 0) return 'the package attr is missing'
  return undefined
}
