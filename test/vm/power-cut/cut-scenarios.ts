import type { LiveBoot } from '../live-boot.ts'

/** A phase of a machine's life that the power is cut in. */
export interface CutScenario {
  readonly name: string
  /** Added to the kernel command line. */
  readonly cmdline?: string
  /** Run when the files have been listed. */
  readonly script?: string
  readonly boot?: Pick<LiveBoot, 'init' | 'shutdownInitramfs'>
  /** The line of the console from which on requests count; from power-on where there is none. */
  readonly from?: RegExp
  /** The cut falls on one of so many writes and flushes: a bit more than were measured for the phase. */
  readonly requests: number
  /** Whether the store may be found empty afterwards. It is empty or whole, never between. */
  readonly empties?: boolean
}

const BEGIN = 'power-cut-begins-here'

/** Of 20 files each is synced before it is reported; some that nobody synced are under way beside them. */
const WRITE_FILES = `
echo ${BEGIN} > /dev/kmsg
mkdir -p /var/kept
for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  file=/var/kept/$boot-$number
  [ $((number % 4)) != 0 ] || dd if=/dev/urandom of=/var/unsynced-$boot-$number bs=16k count=4 status=none
  dd if=/dev/urandom of=$file bs=2k count=$((number % 7 + 1)) conv=fsync status=none || exit 3
  echo "SYNCED $(sha256sum $file)"
done
`

/** First of each series: holdfast formats the store, and the file system on it is mounted for the first time. */
export const FIRST_FORMAT: CutScenario = { name: 'first format', requests: 45 }

export const WRITES: CutScenario = {
  name: 'writes',
  script: WRITE_FILES,
  from: new RegExp(BEGIN),
  requests: 500,
}

/** Both journals are replayed, of the persistence device and of the root, and the record beside the store is renewed. */
export const RECOVERY: CutScenario = { name: 'mount and recovery', requests: 55 }

export const RESET: CutScenario = {
  name: 'reset',
  cmdline: 'rd.live.overlay.reset',
  requests: 55,
  empties: true,
}

/** A complete systemd, and dracut's shutdown stage, where holdfast takes the store down. */
export const SHUTDOWN: CutScenario = {
  name: 'shutdown',
  script: `echo ${BEGIN} > /dev/kmsg`,
  boot: { init: 'systemd', shutdownInitramfs: true },
  from: new RegExp(BEGIN),
  requests: 340,
}

/** The last cut of a series is one of these, by its seed. */
const LAST: readonly CutScenario[] = [RESET, WRITES, SHUTDOWN, RECOVERY]

/** What a series goes through. Recovery after writes that were cut off is the case of two cuts in a row. */
export function planSeries(seed: number): readonly CutScenario[] {
  return [FIRST_FORMAT, WRITES, RECOVERY, WRITES, LAST[seed % LAST.length]!]
}
