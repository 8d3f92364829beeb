import { persistenceDisk } from '../vm/image/disk.ts'
import { rootImage } from '../vm/image/root-image.ts'
import { guestFile, reportOf } from './guest-script.ts'
import { SUITE } from './measure.ts'
import { formatTable } from './table.ts'

const HOUR_SECONDS = 3600
const TIMEOUT_SECONDS = 3600
const TICKS_A_SECOND = 100

/** What is left running beside an idle root with a store, and what for. */
const COMMANDS: readonly [command: string, name: string][] = [
  ['sleep infinity', '`sleep`, to compare with'],
]

/** Boots once for each command, and gives the table of what they take in an hour, in Markdown. */
export async function benchResident(): Promise<string> {
  const rows: string[][] = []
  for (const [command, name] of COMMANDS) {
    console.log(`resident: ${command}`)
    rows.push([name, ...formatResident(await measureResident(command))])
  }
  return formatTable(CONDITIONS, ['', 'resident', 'at most', 'CPU'], rows)
}

const CONDITIONS = `An hour beside a root with a store on which nothing else happens. CPU with the children it has waited for, as a share of
one processor of 500 million instructions a second.`

/** Values as they stand in /proc: VmRSS and VmHWM in kB, ticks of 10 ms, elapsed in seconds. */
type Resident = ReadonlyMap<string, number>

/** Nothing but this command and what it starts runs in the machine: the time in between is skipped. */
async function measureResident(command: string): Promise<Resident> {
  const report = await reportOf({
    suite: SUITE,
    initramfs: 'bench',
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck rd.live.overlay=/dev/sdb:/persist-hda.img',
    disks: [{ file: await rootImage(SUITE), readOnly: true }, { file: await persistenceDisk() }],
    script: `${guestFile('resident.sh')}\nresident ${HOUR_SECONDS} ${command}`,
    icount: 'idle-skipped',
    timeoutSeconds: TIMEOUT_SECONDS,
  })
  const lines = report.matchAll(/^(\w+)=(\d+)$/gm)
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]))
}

function formatResident(values: Resident): string[] {
  const value = (name: string) => values.get(name) ?? Number.NaN
  const share = value('ticks') / TICKS_A_SECOND / value('elapsed')
  return [formatMib(value('VmRSS')), formatMib(value('VmHWM')), `${(100 * share).toFixed(3)} %`]
}

function formatMib(kib: number): string {
  return `${(kib / 1024).toFixed(1)} MiB`
}
