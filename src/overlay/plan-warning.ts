import { formatBytes } from '../formats/bytes.ts'
import { MOTD_FILE, MOTD_FOLDER, STORE_FILE } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import { formatJsonFile } from '../printable.ts'
import { isLongest, type Room } from './growth.ts'
import { LONGEST_ON_FAT } from './longest-file.ts'
import type { Level } from './monitor-policy.ts'

/** What /run/holdfast/store.json holds; the keys are documented in holdfast(8). */
export interface StoreWatch {
  readonly version: 1
  readonly level: Level
  readonly usedBytes: number
  readonly totalBytes: number
  /** How often the monitor made it longer. */
  readonly growths: number
  /** Since when it stands so, by the clock of the machine. */
  readonly sinceSeconds: number
}

/** The steps that leave word of how it stands with the store; `worse` than before, everybody is told. */
export function planWord(watch: StoreWatch, room: Room, worse: boolean): Step[] {
  const record = formatJsonFile(watch)
  const text = formatLevel(watch.level, room)
  return [
    { kind: 'replace-file', path: STORE_FILE, text: record, before: undefined },
    ...planMotd(text),
    ...(worse && text !== undefined
      ? [{ kind: 'tell-users', text: `holdfast: ${text}` } as const]
      : []),
  ]
}

function planMotd(text: string | undefined): Step[] {
  if (text === undefined) return [{ kind: 'remove-file', path: MOTD_FILE }]
  return [
    { kind: 'make-directory', path: MOTD_FOLDER },
    {
      kind: 'write-file',
      path: MOTD_FILE,
      text: `holdfast: ${text}\n          holdfast status says more.\n`,
    },
  ]
}

/** The level as a sentence for the administrator; undefined where all is well. */
export function formatLevel(level: Level, room: Room): string | undefined {
  const { bytes, usedBytes } = room
  const atLongest = isLongest(room)
  const advice = atLongest
    ? `It grows no more: ${LONGEST_ON_FAT}`
    : 'Make room on its device, and it grows'
  const free = `${formatBytes(bytes - usedBytes)} of ${formatBytes(bytes)} are free`
  switch (level) {
    case 'well':
      return undefined
    case 'low':
      return `the store is filling up: ${free}, and ${atLongest ? LONGEST_ON_FAT : 'its device has no room to let it grow'}`
    case 'scarce':
      return `the store is nearly full: ${free}. ${advice}`
    case 'full':
      return `the store is full: writes fail, what was synced is kept. ${advice}`
    case 'lost':
      return 'the store was lost to an error: nothing can be read or written. What was synced is in it: reboot, and see holdfast check'
  }
}
