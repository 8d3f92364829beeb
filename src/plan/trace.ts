import { findMount, parseMountInfo } from '../formats/mount-table.ts'
import { tryLine, tryList, tryText } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'
import type { LoopNames } from './apply.ts'
import type { Step } from './step.ts'

/** Whether a step that has failed did its work all the same, or may do it yet; `isCut`: its program was killed, or nobody knows. */
export type Trace = (isCut: boolean) => boolean

/**
 * Looks at the machine before a step: a program that is killed at its limit may have done its work, and one that did it
 * may fail afterwards. undefined for a step of which nothing is left to be taken back.
 */
export function traceOf(system: System, step: Step, loops: LoopNames): Trace | undefined {
  switch (step.kind) {
    case 'mount':
    case 'bind-mount':
    case 'unmount': {
      const before = topmostAt(system, step.at)
      return () => topmostAt(system, step.at) !== before
    }
    case 'attach-loop': {
      const before = loopsOf(system, step.file)
      return () => {
        const made = loopsOf(system, step.file).find((node) => !before.includes(node))
        if (made !== undefined) loops.set(step.as, made)
        return made !== undefined
      }
    }
    // The kernel shows a device when its table is loaded, and may be at that still. To take it back where it is not there does no harm.
    case 'create-dm':
    case 'remount':
      return (isCut) => isCut
    default:
      return undefined
  }
}

function topmostAt(system: System, at: string): number | undefined {
  return findMount(parseMountInfo(tryText(system, '/proc/self/mountinfo')), at)?.mountId
}

function loopsOf(system: System, file: string): string[] {
  const folder = '/sys/class/block'
  return tryList(system, folder)
    .filter((name) => tryLine(system, `${folder}/${name}/loop/backing_file`) === file)
    .map((name) => `/dev/${name}`)
}
