import { tryList, tryText } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'
import { nameOfProcess, numberOfProcess } from './turn.ts'

/** The name of this process. */
export function probeOwnName(system: System): string {
  const name = nameOfProcess(system.readText('/proc/self/stat'))
  if (name === undefined) throw new Error('/proc/self/stat has no such fields')
  return name
}

/** The names in a folder but for one's own: of processes that there are, and of those that have ended. */
export function probeOthers(
  system: System,
  folder: string,
  mine: string,
): { readonly alive: readonly string[]; readonly gone: readonly string[] } {
  const others = tryList(system, folder).filter((name) => name !== mine)
  const isAlive = (name: string) => {
    const number = numberOfProcess(name)
    return number !== undefined && nameOfProcess(tryText(system, `/proc/${number}/stat`)) === name
  }
  return { alive: others.filter(isAlive), gone: others.filter((name) => !isAlive(name)) }
}
