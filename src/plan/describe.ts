import type { Step } from './step.ts'

/** A step as the verb and the thing of "Failed to <verb> '<thing>'". */
export function describeStep(step: Step): readonly [verb: string, thing: string] {
  switch (step.kind) {
    case 'load-modules':
      return ['load the modules', step.modules.join(' ')]
    case 'mount':
      return ['mount', typeof step.device === 'string' ? step.device : step.at]
    case 'bind-mount':
      return ['mount', step.from]
    case 'remount':
      return [`remount (${step.options})`, step.at]
    case 'unmount':
      return ['unmount', step.at]
    case 'attach-loop':
      return ['attach a loop device to', step.file]
    case 'detach-loop':
      return ['detach', typeof step.device === 'string' ? step.device : step.device.loop]
    case 'create-dm':
      return ['create the device', step.name]
    case 'remove-dm':
      return ['remove the device', step.name]
    case 'suspend-dm':
      return ['suspend', step.name]
    case 'resume-dm':
      return ['resume', step.name]
    case 'load-dm':
      return ['load the table of', step.name]
    case 'clear-dm':
      return ['forget the table that was loaded for', step.name]
    case 'apart':
      return ['work apart from the root in', step.folder]
    case 'resize-loop':
      return ['resize', typeof step.device === 'string' ? step.device : step.device.loop]
    case 'grow-file':
      return ['grow', step.path]
    case 'make-directory':
      return ['make the directory', step.path]
    case 'make-sparse-file':
    case 'allocate-file':
      return ['make the file', step.path]
    case 'fill-zeros':
      return ['write zeros to', step.path]
    case 'clear-entries':
      return ['clear entries of', step.path]
    case 'write-start':
    case 'write-file':
    case 'replace-file':
      return ['write', step.path]
    case 'copy-file':
    case 'copy-short-file':
      return ['copy', step.from]
    case 'copy-files':
      return ['copy programs to', step.to]
    case 'repair-files':
      return ['check the file system on', step.device]
    case 'make-directories':
      return ['make the directories', listed(step.paths)]
    case 'copy-labels':
      return ['label', listed(step.labels.map(({ to }) => to))]
    case 'copy-up':
      return ['copy up', step.path]
    case 'copy-trees':
      return ['copy', listed(step.paths)]
    case 'mount-all':
      return ['mount', listed(step.at)]
    case 'unmount-all':
      return ['unmount', listed(step.at)]
    case 'remove-tree':
      return ['remove', listed([step.path].flat())]
    case 'empty-folder':
      return ['empty', step.path]
    case 'activate-volumes':
      return ['activate', 'logical volumes']
    case 'remove-folder':
    case 'remove-file':
      return ['remove', step.path]
    case 'rename-file':
      return ['rename', step.from]
    case 'make-link':
      return ['make the link', step.path]
    case 'tell-users':
      return ['tell everybody', step.text]
    case 'sync':
    case 'sync-file-system':
      return ['sync', step.path]
    case 'restart':
      return ['restart by', step.how]
  }
}

/** The first of them, and how many more there are. */
function listed(paths: readonly string[]): string {
  const [first = '', ...others] = paths
  return others.length === 0 ? first : `${first} and ${others.length} more`
}
