import type { Allocation } from './file-steps.ts'
import {
  type AttachLoopStep,
  type CreateDmStep,
  DM_UUID_PREFIX,
  type DmTable,
  type LoopReference,
  type RepairFilesStep,
  type SectorsReference,
  type Step,
} from './step.ts'

/** One word of a command line, or a part of one; what is known of a loop device only later is a reference. */
export type Part = string | LoopReference | SectorsReference
export type Word = Part | readonly Part[]

/** The argv of a step that a program carries out; undefined for one that needs no process. */
export function toArgv(step: Step): readonly Word[] | undefined {
  switch (step.kind) {
    case 'load-modules':
      return ['modprobe', '-a', ...step.modules]
    case 'mount':
      return ['mount', '-t', step.type, ...mountOptions(step.options), step.device, step.at]
    case 'bind-mount':
      return ['mount', '--bind', ...(step.apart ? ['--make-private'] : []), step.from, step.at]
    case 'remount':
      return ['mount', '-o', `remount,${step.options}`, step.at]
    case 'unmount':
      return ['umount', ...(step.lazy ? ['--internal-only', '--lazy', '--force'] : []), step.at]
    case 'attach-loop':
      return ['losetup', '--find', '--show', ...loopFlags(step), step.file]
    case 'detach-loop':
      return ['losetup', '--detach', step.device]
    case 'create-dm':
      return createDm(step)
    case 'remove-dm':
      // Without udev's word: at shutdown there is no udev any more, and nobody waits for the node to go.
      return [...dmsetup(step), 'remove', '--retry', '--noudevsync', step.name]
    case 'suspend-dm':
      return ['dmsetup', 'suspend', '--nolockfs', '--noflush', step.name]
    case 'resume-dm':
      return ['dmsetup', 'resume', '--noudevsync', step.name]
    case 'load-dm':
      return ['dmsetup', 'load', step.name, '--table', formatTable(step.table)]
    case 'clear-dm':
      return ['dmsetup', 'clear', step.name]
    case 'resize-loop':
      return ['losetup', '--set-capacity', step.device]
    case 'allocate-file':
      return ['fallocate', '--length', String(step.bytes), step.path]
    case 'grow-file':
      return growFile(step.path, step.fromBytes, step.bytes, step.allocation)
    case 'fill-zeros':
      return fillZeros(step.path, step.offsetBytes, step.bytes)
    case 'make-directories': {
      // Five digits: with fewer a folder keeps the setgid bit that it has from its parent.
      const { mode, uid, gid, paths } = step
      const owner = [`--owner=${uid}`, `--group=${gid}`]
      return [
        'install',
        '-d',
        `--mode=${mode.toString(8).padStart(5, '0')}`,
        ...owner,
        '--',
        ...paths,
      ]
    }
    case 'copy-trees':
      return ['sh', '-c', step.links ? LINK_TREES : COPY_TREES, step.from, ...step.paths, step.to]
    case 'copy-labels':
      return ['sh', '-c', COPY_LABELS, 'sh', ...step.labels.flatMap(({ from, to }) => [from, to])]
    case 'copy-up':
      // To set its times, to what they are, is a change (ovl_setattr).
      return ['touch', '--no-create', '--reference', step.path, step.path]
    case 'mount-all':
      // Its paths are free of links. What libmount remembers of those that it follows takes time by their square.
      return ['mount', '--no-canonicalize', '-a', '-T', step.table]
    case 'unmount-all':
      return ['umount', '--no-canonicalize', ...step.at]
    case 'empty-folder':
      return ['find', step.path, '-xdev', '-mindepth', '1', '-delete']
    case 'remove-tree':
      return ['rm', '-rf', '--one-file-system', ...[step.path].flat()]
    case 'activate-volumes':
      return ['lvm', 'vgchange', '--sysinit', '--activate', 'ay']
    case 'sync-file-system':
      return ['sync', '-f', step.path]
    case 'copy-file':
      return ['cp', '--reflink=auto', '--sparse=never', step.from, step.to]
    case 'copy-files':
      return ['cp', '--sparse=never', '--target-directory', step.to, ...step.from]
    case 'repair-files':
      return repairFiles(step)
    case 'tell-users':
      return ['wall', step.text]
    default:
      return undefined
  }
}

/** Of e2fsck(8) and fsck.fat(8): all errors have been corrected. */
export const CORRECTED = 1
/** Exit status of a program that is not there, as a shell has it. */
export const NOT_STARTED = 127

/** Whether a program that ended with that status has done what the step says. */
export function isDone(step: Step, status: number): boolean {
  if (status === 0 || step.kind !== 'repair-files') return status === 0
  return status === CORRECTED || (step.repair === 'quick' && status === NOT_STARTED)
}

/**
 * Steps that take as long as there are bytes to copy or to look at get an hour; those for which the kernel reads all of a
 * store's tables, or replays the journal of the root, minutes; undefined for all others.
 */
export function longestMs(step: Step): number | undefined {
  if (step.kind === 'create-dm' || (step.kind === 'mount' && step.isRoot)) return 300_000
  if (step.kind === 'repair-files' && step.repair === 'quick') return undefined
  return LONG_STEPS.has(step.kind) ? 3_600_000 : undefined
}

const LONG_STEPS: ReadonlySet<Step['kind']> = new Set([
  'apart',
  'copy-file',
  'copy-trees',
  'fill-zeros',
  'grow-file',
  'remove-tree',
  'repair-files',
])

function repairFiles({ device, repair, type }: RepairFilesStep): Word[] {
  if (type === 'vfat') return ['fsck.fat', '-a', device]
  if (repair === 'quick') return ['e2fsck', '-p', device]
  // Also where the file system calls itself clean: what it stands on was lost in between.
  return ['e2fsck', '-f', repair === 'all' ? '-y' : '-p', device]
}

/** cp keeps the parents of what it copies by their names on its command line: those are to begin in the folder. */
const COPY_TREES = 'cd "$0" && exec cp -a --parents -- "$@"'
const LINK_TREES = 'cd "$0" && exec cp -al --parents -- "$@"'

const COPY_LABELS =
  'while [ $# -gt 0 ]; do chcon --no-dereference --reference="$1" -- "$2" || exit; shift 2; done'

function loopFlags({ readOnly, once }: AttachLoopStep): string[] {
  return [...(once ? ['--nooverlap'] : []), ...(readOnly ? ['--read-only'] : [])]
}

function mountOptions(options: readonly string[]): string[] {
  return options.length === 0 ? [] : ['-o', options.join(',')]
}

const FILL_BLOCK_BYTES = 16384

function fillZeros(path: string, offsetBytes: number, bytes: number): Word[] {
  const [seek, count] = [offsetBytes / FILL_BLOCK_BYTES, bytes / FILL_BLOCK_BYTES]
  const where = [`of=${path}`, `bs=${FILL_BLOCK_BYTES}`, `seek=${seek}`, `count=${count}`]
  return ['dd', 'if=/dev/zero', ...where, 'conv=notrunc,fsync', 'status=none']
}

function growFile(path: string, fromBytes: number, bytes: number, by: Allocation): Word[] {
  const more = String(bytes - fromBytes)
  if (by === 'fallocate')
    return ['fallocate', '--offset', String(fromBytes), '--length', more, path]
  const how = ['bs=1M', `count=${more}`, 'iflag=count_bytes', 'oflag=append']
  return ['dd', 'if=/dev/zero', `of=${path}`, ...how, 'conv=notrunc,fsync', 'status=none']
}

/** Told by an option, dmsetup does not wait for udev, and yet leaves the node to it (libdm: DM_DISABLE_UDEV). */
function dmsetup({ withoutUdev }: { readonly withoutUdev?: true }): string[] {
  return [...(withoutUdev ? ['env', 'DM_DISABLE_UDEV=1'] : []), 'dmsetup']
}

function createDm(step: CreateDmStep): Word[] {
  const { name, readOnly, table } = step
  const flags = readOnly ? ['--readonly'] : []
  const uuid = `${DM_UUID_PREFIX}${name}`
  return [...dmsetup(step), 'create', name, '--uuid', uuid, ...flags, '--table', formatTable(table)]
}

function formatTable(table: DmTable): Word {
  const words = table.map((word) => (typeof word === 'number' ? String(word) : word))
  return words.flatMap((word, index) => (index === 0 ? [word] : [' ', word]))
}
