import type { LiveBoot } from '../live-boot.ts'

/** A phase of a machine's life that the power is cut in. */
export interface CutScenario {
  readonly name: string
  /** Added to the kernel command line. */
  readonly cmdline?: string
  /** Run when the files have been listed. */
  readonly script?: string
  readonly boot?: Pick<LiveBoot, 'init' | 'shutdownInitramfs' | 'initramfs'>
  /** The line of the console from which on requests count; from power-on where there is none. */
  readonly from?: RegExp
  /** The cut falls on one of so many writes and flushes: a bit more than were measured for the phase. */
  readonly requests: number
  /** Whether the store may be found empty afterwards. It is empty or whole, never between. */
  readonly empties?: boolean
}

/** The cuts of one disk, one after the other. */
export interface CutSeries {
  readonly storeBytes: number
  readonly cuts: readonly CutScenario[]
}

const BEGIN = 'power-cut-begins-here'
const begin = new RegExp(BEGIN)

/** Of these files each is synced before it is reported; some that nobody synced are under way beside them. */
const writeFiles = (count: number, more = '') => `
mkdir -p /var/kept
for number in $(seq ${count}); do
  file=/var/kept/$boot-$number
  [ $((number % 4)) != 0 ] || dd if=/dev/urandom of=/var/unsynced-$boot-$number bs=16k count=4 status=none
  dd if=/dev/urandom of=$file bs=2k count=$((number % 7 + 1)) conv=fsync status=none || exit 3
  echo "SYNCED $(sha256sum $file)"
  ${more}
done
`

const begun = (script: string) => `echo ${BEGIN} > /dev/kmsg${script}`

/** First of each series: holdfast formats the store and gives it its blocks; the file system on it is mounted for the first time. */
const FIRST_FORMAT: CutScenario = { name: 'first format', requests: 45 }

const WRITES: CutScenario = {
  name: 'writes',
  script: begun(writeFiles(20)),
  from: begin,
  requests: 500,
}

/** Both journals are replayed, of the persistence device and of the root. */
const RECOVERY: CutScenario = { name: 'mount and recovery', requests: 55 }

/** The record beside the store is renewed as soon as its file system is mounted. */
const RECORD: CutScenario = {
  name: 'record',
  from: /EXT4-fs \(sdb\): mounted filesystem/,
  requests: 16,
}

const RESET: CutScenario = {
  name: 'reset',
  cmdline: 'rd.live.overlay.reset',
  requests: 55,
  empties: true,
}

/** A complete systemd, and dracut's shutdown stage, where holdfast takes the store down. */
const SHUTDOWN: CutScenario = {
  name: 'shutdown',
  script: begun('\n'),
  boot: { init: 'systemd', shutdownInitramfs: true, initramfs: 'systemd' },
  from: begin,
  requests: 340,
}

const GROW: CutScenario = {
  name: 'grow by hand',
  script: begun(
    writeFiles(
      6,
      `bytes=$(stat -c %s /run/initramfs/overlayfs/persist-hda.img)
  holdfast grow --size $((bytes / 1048576 + 2))M || exit 4`,
    ),
  ),
  from: begin,
  requests: 200,
}

const MONITOR: CutScenario = {
  name: 'grow by the monitor',
  script: begun(`\nholdfast monitor &${writeFiles(4)}`),
  from: begin,
  requests: 100,
}

/** As good as full, and no monitor: the next boot makes it longer. */
const FILL: CutScenario = {
  name: 'writes into a store that is nearly full',
  script: `mkdir -p /var/kept
for number in a b c; do
  file=/var/kept/$boot-$number
  dd if=/dev/urandom of=$file bs=64k count=36 conv=fsync status=none || exit 3
  echo "SYNCED $(sha256sum $file)"
done
${begun(writeFiles(5))}`,
  from: begin,
  requests: 120,
}

const GROW_AT_BOOT: CutScenario = { name: 'grow at boot', requests: 60 }

/** Beside the store in use others are made: each is whole under its name, or not there. */
const CREATE: CutScenario = {
  name: 'create',
  script: begun(`
for number in 1 2 3 4; do
  holdfast create /dev/sdb:/made-$boot-$number.img --size \${number}M || exit 5
done
`),
  from: begin,
  requests: 60,
}

const MIB = 1 << 20

const SERIES: readonly CutSeries[] = [
  { storeBytes: 300 * MIB, cuts: [FIRST_FORMAT, WRITES, RECOVERY, GROW, RESET] },
  { storeBytes: 12 * MIB, cuts: [FIRST_FORMAT, FILL, GROW_AT_BOOT, RECORD, SHUTDOWN] },
  { storeBytes: 300 * MIB, cuts: [FIRST_FORMAT, CREATE, WRITES, RECOVERY, MONITOR] },
  { storeBytes: 12 * MIB, cuts: [FIRST_FORMAT, FILL, GROW_AT_BOOT, RESET, WRITES] },
]

/** What a series goes through. Recovery after writes that were cut off is the case of two cuts in a row. */
export function planSeries(seed: number): CutSeries {
  return SERIES[seed % SERIES.length]!
}
