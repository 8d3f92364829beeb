import { type System, SystemError } from '../machine/system.ts'
import type { Step } from './step.ts'

/** Carries out a step that needs no program: files and folders, in this process. Throws a SystemError. */
export function doFileStep(system: System, step: Step): void {
  switch (step.kind) {
    case 'make-directory':
      return system.makeDirectory(step.path)
    case 'make-sparse-file':
      return system.truncate(step.path, step.bytes)
    case 'remove-folder':
      return system.removeDirectory(step.path)
    case 'remove-file':
      return removeIfThere(system, step.path)
    case 'clear-entries':
      return system.writeBytes(step.path, step.offsetBytes, new Uint8Array(step.bytes))
    case 'write-start':
      return system.writeBytes(step.path, 0, Uint8Array.from(step.bytes))
    case 'copy-short-file':
      return system.copyFile(step.from, step.to)
    case 'write-file':
      return system.writeText(step.path, step.text)
    case 'replace-file':
      return replaceFile(system, step.path, step.text)
    case 'make-link':
      return system.symlink(step.target, step.path)
    case 'rename-file':
      return system.rename(step.from, step.to)
    case 'sync':
      return system.sync(step.path)
    case 'restart':
      return restart(system, step.how)
    default:
      throw new Error(`no effect for the step ${step.kind}`)
  }
}

/** Each write to the trigger is one key: s syncs, b reboots, o powers off (kernel: admin-guide/sysrq). */
function restart(system: System, how: 'reboot' | 'poweroff'): void {
  system.writeText('/proc/sysrq-trigger', 's')
  system.writeText('/proc/sysrq-trigger', how === 'reboot' ? 'b' : 'o')
}

/** Under another name first, which is removed before: what lies there may be a link of somebody else's. */
function replaceFile(system: System, path: string, text: string): void {
  const partial = `${path}.partial`
  removeIfThere(system, partial)
  try {
    system.writeText(partial, text)
    system.sync(partial)
    system.rename(partial, path)
  } catch (error) {
    removeIfThere(system, partial)
    throw error
  }
  system.sync(path.slice(0, path.lastIndexOf('/')) || '/')
}

function removeIfThere(system: System, path: string): void {
  try {
    system.removeFile(path)
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'ENOENT')) throw error
  }
}
