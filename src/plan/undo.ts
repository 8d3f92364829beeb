import { inBatches } from './batches.ts'
import type { MountAllStep, Step } from './step.ts'

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
    case 'mount-all':
      return unmountAll(step)
    case 'attach-loop':
      return [{ kind: 'detach-loop', device: { loop: step.as } }]
    case 'create-dm':
      return [
        {
          kind: 'remove-dm',
          name: step.name,
          ...(step.withoutUdev && { withoutUdev: step.withoutUdev }),
        },
      ]
    case 'suspend-dm':
      return [{ kind: 'resume-dm', name: step.name }]
    case 'make-sparse-file':
    case 'allocate-file':
    case 'fill-zeros':
      return [{ kind: 'remove-file', path: step.path }]
    case 'copy-files':
      return step.from.map((path) => ({
        kind: 'remove-file',
        path: `${step.to}/${path.slice(path.lastIndexOf('/') + 1)}`,
      }))
    case 'copy-file':
    case 'copy-short-file':
      return [{ kind: 'remove-file', path: step.to }]
    case 'replace-file':
      return [restoreFile(step.path, step.text, step.before)]
    case 'rename-file':
      return [{ kind: 'rename-file', from: step.to, to: step.from }]
    case 'write-start':
      return step.before === undefined
        ? []
        : [{ kind: 'write-start', path: step.path, bytes: step.before }]
    case 'make-link':
      return [{ kind: 'remove-file', path: step.path }]
    case 'remove-folder':
      return [{ kind: 'make-directory', path: step.path }]
    case 'copy-up':
    case 'load-modules':
    case 'make-directory':
    case 'detach-loop':
    case 'remove-dm':
    // A table that is loaded and never resumed counts for nothing; a store that has become longer is none the worse.
    case 'resume-dm':
    case 'load-dm':
    case 'clear-dm':
    // It ends with what it always does.
    case 'apart':
    case 'tell-users':
    case 'resize-loop':
    case 'grow-file':
    case 'make-directories':
    case 'copy-trees':
    case 'copy-labels':
    case 'empty-folder':
    case 'remove-tree':
    case 'unmount-all':
    case 'sync-file-system':
    case 'activate-volumes':
    case 'remove-file':
    // Entries that are in no list; and a file system that is more whole than it was.
    case 'clear-entries':
    case 'repair-files':
    case 'write-file':
    case 'sync':
    case 'restart':
      return []
  }
}

/** From the last to the first: what was mounted on a mount goes before it. */
function unmountAll({ at }: MountAllStep): Step[] {
  return inBatches([...at].reverse()).map((paths) => ({ kind: 'unmount-all', at: paths }))
}

function restoreFile(path: string, text: string, before: string | undefined): Step {
  if (before === undefined) return { kind: 'remove-file', path }
  return { kind: 'replace-file', path, text: before, before: text }
}

/** Whether `step` ends the mount or device that `done` has made, so that neither has to be taken back any more. */
export function takesBack(step: Step, done: Step): boolean {
  if (!ENDS.includes(step.kind)) return false
  return undo(done).some((back) => JSON.stringify(back) === JSON.stringify(step))
}

const ENDS: readonly Step['kind'][] = ['unmount', 'remove-dm', 'detach-loop']

/** Whether a step that fails may have made its file, or some of its mounts, all the same; taking it back does no harm where it has not. */
export function leavesPart(step: Step): boolean {
  if (step.kind === 'mount-all') return true
  return step.kind !== 'make-link' && undo(step).some(({ kind }) => kind === 'remove-file')
}
