import type { Step } from './step.ts'

/** The steps that take a done step back, so that the machine is as it was found; none where nothing is to do. */
export function undo(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'mount':
    case 'bind-mount':
      return [{ kind: 'unmount', at: step.at, restore: undefined }]
    case 'remount':
      return [{ kind: 'remount', at: step.at, options: step.before, before: step.options }]
    case 'unmount':
      return step.restore === undefined ? [] : [step.restore]
    case 'attach-loop':
      return [{ kind: 'detach-loop', device: { loop: step.as } }]
    case 'create-dm':
      return [{ kind: 'remove-dm', name: step.name }]
    case 'make-sparse-file':
    case 'allocate-file':
    case 'fill-zeros':
      return [{ kind: 'remove-file', path: step.path }]
    case 'copy-file':
      return [{ kind: 'remove-file', path: step.to }]
    case 'symlink':
      return [{ kind: 'remove-file', path: step.path }]
    case 'load-modules':
    case 'make-directory':
    case 'detach-loop':
    case 'remove-dm':
    case 'remove-file':
    case 'zero-start':
    case 'write-start':
    case 'write-file':
    case 'rename-file':
    case 'sync':
    case 'restart':
      return []
  }
}
