import { cleanPath } from '../cmdline/clean-path.ts'
import { type MountArguments, parseMountArguments } from './mount-arguments.ts'
import { parseAssignments } from './parse-assignments.ts'
import type { Remark } from './remark.ts'

/** What /etc/sysconfig/readonly-root and the kernel arguments ask for, defaults resolved. */
export interface Settings {
  /** READONLY: the root stays read-only, but for the listed paths. */
  readonly readOnly: boolean
  /** READONLY or TEMPORARY_STATE: the listed paths are set up at all. */
  readonly wanted: boolean
  /** RW_MOUNT, STATE_MOUNT: the names inside the root under which scratch and state can be seen. */
  readonly scratchName: string
  readonly stateName: string
  /** RW_LABEL, STATE_LABEL; undefined where none is given. */
  readonly scratchLabel: string | undefined
  readonly stateLabel: string | undefined
  /** RW_OPTIONS: for scratch in RAM alone, as in the original. */
  readonly scratchArguments: MountArguments
  /** STATE_OPTIONS: for state by fstab alone, as in the original. */
  readonly stateArguments: MountArguments
  /** CLIENTSTATE: server:/export below which every client has a folder of its host name. */
  readonly clientState: string | undefined
  /** SLAVE_MOUNTS */
  readonly slaves: boolean
  readonly remarks: readonly Remark[]
}

export const SETTINGS_FILE = '/etc/sysconfig/readonly-root'
const SCRATCH_NAME = '/var/lib/stateless/writable'
const STATE_NAME = '/var/lib/stateless/state'
/** The label that a stock configuration asks for, whether there is such a device or not. */
export const STOCK_STATE_LABEL = 'stateless-state'

/** The words that initscripts takes for true, in any case (lib/initscripts, is_true). */
const TRUE = /^(t|y|yes|on|true|1)$/i

/**
 * The settings in the text of /etc/sysconfig/readonly-root (initscripts 10, sysconfig.txt); empty for none. `asked`
 * is the kernel argument: true for readonlyroot, false for noreadonlyroot, which decides over READONLY alone.
 */
export function parseSettings(text: string, asked: boolean | undefined): Settings {
  const { values, others } = parseAssignments(text)
  const remarks: Remark[] = others.map((line) => ({
    file: SETTINGS_FILE,
    line,
    text: 'is no plain assignment, ignored: the file is read, not executed',
  }))
  const remark = (message: string) =>
    remarks.push({ file: SETTINGS_FILE, line: undefined, text: message })
  const isTrue = (name: string) => TRUE.test(values.get(name) ?? '')
  const pathOf = (name: string, otherwise: string) => {
    const path = cleanPath(values.get(name) || otherwise)
    if (typeof path === 'string' && path.startsWith('/')) return path
    remark(`${name} is not an absolute path; ${otherwise} is used`)
    return otherwise
  }
  const argumentsOf = (name: string) =>
    parseMountArguments(values.get(name) ?? '', (word) => remark(`${name}: '${word}' is ignored`))
  const readOnly = asked ?? isTrue('READONLY')
  return {
    readOnly,
    wanted: readOnly || isTrue('TEMPORARY_STATE'),
    scratchName: pathOf('RW_MOUNT', SCRATCH_NAME),
    stateName: pathOf('STATE_MOUNT', STATE_NAME),
    scratchLabel: values.get('RW_LABEL') || undefined,
    stateLabel: values.get('STATE_LABEL') || undefined,
    scratchArguments: argumentsOf('RW_OPTIONS'),
    stateArguments: argumentsOf('STATE_OPTIONS'),
    clientState: values.get('CLIENTSTATE') || undefined,
    slaves: isTrue('SLAVE_MOUNTS'),
    remarks,
  }
}
