import { attempt, tryText } from '../machine/attempt.ts'
import { RECORD_FILE } from '../machine/places.ts'
import type { System } from '../machine/system.ts'

/** When this boot began, in seconds since 1970. */
export interface BootTimes {
  /** When the kernel started, by the clock as it is set now. */
  readonly startedSeconds: number
  /** When all that a boot copies into RAM was there: a younger file is somebody's change. */
  readonly copiedSeconds: number
}

/** A boot takes no longer; a record that seems younger was written before the clock was set back. */
const MOST_BOOT_SECONDS = 900

/**
 * From btime of /proc/stat (proc(5)) and the time of the record, which is written last. Where there is no record, or the
 * clock cannot be trusted, the earlier time: rather a file too many than one too few.
 */
export function probeBootTimes(system: System): BootTimes {
  const started = Number(/^btime (\d+)$/m.exec(tryText(system, '/proc/stat'))?.[1] ?? 0)
  const recorded = attempt(() => system.stat(RECORD_FILE).modifiedSeconds, started)
  const isLate = recorded > started + MOST_BOOT_SECONDS
  return {
    startedSeconds: Math.min(started, recorded),
    copiedSeconds: isLate ? started : recorded,
  }
}
