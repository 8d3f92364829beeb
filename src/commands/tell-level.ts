import { CommandError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { System } from '../machine/system.ts'
import type { Room } from '../overlay/growth.ts'
import { LEVELS, type Level } from '../overlay/monitor-policy.ts'
import { formatLevel, planWord } from '../overlay/plan-warning.ts'
import { executor } from '../plan/runner.ts'

/** Says how it stands with the store: once for each change, to everybody where it is worse than before. */
export type Tell = (level: Level, room: Room, growths: number) => void

/** The first call always leaves the record; a message that cannot be delivered is no reason to end. */
export function openTell(system: System, log: Log): Tell {
  let said = ''
  let before: Level = 'well'
  return (level, room, growths) => {
    if (said === `${level} ${growths}`) return
    said = `${level} ${growths}`
    const worse = LEVELS.indexOf(level) > LEVELS.indexOf(before)
    const text = formatLevel(level, room)
    if (worse && text !== undefined) log.warn(text)
    if (level === 'well' && before !== 'well') log.info('the store has room again')
    before = level
    const { usedBytes, bytes: totalBytes } = room
    const sinceSeconds = system.epochSeconds()
    const watch = { version: 1, level, usedBytes, totalBytes, growths, sinceSeconds } as const
    for (const step of planWord(watch, room, worse)) {
      try {
        executor(system).run({ reasons: [], steps: [step] })
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        log.info(`${error.message}, ignoring`)
      }
    }
  }
}
