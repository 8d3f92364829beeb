import { persistenceDisk } from '../vm/image/disk.ts'
import { rootImage } from '../vm/image/root-image.ts'
import { guestFile, reportOf } from './guest-script.ts'
import { SUITE } from './measure.ts'
import { formatMb, formatTable } from './table.ts'

const HOUR_SECONDS = 3600
const TIMEOUT_SECONDS = 3600
const TICKS_A_SECOND = 100
const GOAL = { rssKib: 3 * 1024, cpuShare: 0.001 }

/** What happens on the root meanwhile, and its name; the functions are in guest/resident.sh. */
const LOADS: readonly [load: string, name: string][] = [
  ['nothing', 'an idle root'],
  ['small_writes', 'a new file of 4 KiB, synced, every 2 seconds'],
  ['full', 'a store that is full, and cannot grow'],
]

/** Boots once for each load, and gives the table of what the monitor takes in an hour, in Markdown. */
export async function benchMonitor(): Promise<string> {
  const measured: [name: string, resident: Resident][] = []
  for (const [load, name] of LOADS) {
    console.log(`monitor: ${name}`)
    measured.push([name, await measureMonitor(load)])
  }
  const rows = measured.map(([name, { rssKib, peakKib, cpuShare, filledBytes }]) => [
    name,
    ...[formatMib(rssKib), formatMib(peakKib), formatPercent(cpuShare), formatMb(filledBytes)],
  ])
  const head = ['An hour of', 'resident', 'at most', 'CPU', 'MB written']
  return formatTable(
    `${CONDITIONS}\n\n${verdict(measured.map(([, resident]) => resident))}`,
    head,
    rows,
  )
}

const CONDITIONS = `The static executable, in an hour of a guest clock that counts 2 ns an instruction: CPU is a share of a processor of
500 million instructions a second, with the programs that the monitor has run. A store of 300 MiB on a disk of 500 MB, but in the last row:
as long as a store is to grow and cannot, copies of programs take 5 to 6 MiB of RAM beside what is resident (holdfast(8), monitor).`

interface Resident {
  readonly rssKib: number
  readonly peakKib: number
  readonly cpuShare: number
  readonly filledBytes: number
}

/** Nothing but the monitor and the load run in the machine: the time in between is skipped. */
async function measureMonitor(load: string): Promise<Resident> {
  const disk = load === 'full' ? { bytes: 40e6, storeBytes: 24 << 20 } : {}
  const report = await reportOf({
    suite: SUITE,
    initramfs: 'bench',
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck rd.live.overlay=/dev/sdb:/persist-hda.img',
    disks: [
      { file: await rootImage(SUITE), readOnly: true },
      { file: await persistenceDisk(disk) },
    ],
    script: `${guestFile('resident.sh')}\n${load}\nresident ${HOUR_SECONDS} holdfast monitor`,
    icount: 'idle-skipped',
    timeoutSeconds: TIMEOUT_SECONDS,
  })
  const lines = report.matchAll(/^(\w+)=(\d+)$/gm)
  const values = new Map([...lines].map(([, name = '', value]) => [name, Number(value)]))
  const value = (name: string) => values.get(name) ?? Number.NaN
  return {
    rssKib: value('VmRSS'),
    peakKib: value('VmHWM'),
    cpuShare: value('ticks') / TICKS_A_SECOND / value('elapsed'),
    filledBytes: value('filled') * 512,
  }
}

function verdict(measured: readonly Resident[]): string {
  const rssKib = Math.max(...measured.map((each) => each.peakKib))
  const cpuShare = Math.max(...measured.map((each) => each.cpuShare))
  const word = (reached: boolean) => (reached ? 'reached' : 'missed')
  return `Goals: less than 3 MiB resident (${word(rssKib < GOAL.rssKib)}: ${formatMib(rssKib)}), less than 0.1 % CPU
(${word(cpuShare < GOAL.cpuShare)}: ${formatPercent(cpuShare)}).`
}

function formatMib(kib: number): string {
  return `${(kib / 1024).toFixed(1)} MiB`
}

function formatPercent(share: number): string {
  return `${(100 * share).toFixed(3)} %`
}
