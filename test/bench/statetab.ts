import { rootImage } from '../vm/image/root-image.ts'
import { guestFile, reportOf } from './guest-script.ts'
import { SUITE } from './measure.ts'
import { formatTable } from './table.ts'

const ENTRIES = [250, 500, 1000, 2000]
const RUNS = [1, 2, 3]
const TIMEOUT_SECONDS = 1200

/** Boots, and gives the table of what many entries in statetab take, in Markdown. */
export async function benchStatetab(): Promise<string> {
  console.log('statetab: boot 1 of 1')
  const report = await reportOf({
    suite: SUITE,
    initramfs: 'bench',
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
    disks: [{ file: await rootImage(SUITE), readOnly: true }],
    script: guestFile('statetab.sh'),
    icount: true,
    timeoutSeconds: TIMEOUT_SECONDS,
  })
  const rows = ENTRIES.map((entries) => RUNS.map((run) => findNumbers(report, entries, run)))
  return `${formatRows(rows)}\n${formatVerdict(rows)}\n`
}

const CONDITIONS = `Entries are folders with one file each, kept on a tmpfs; milliseconds of a guest clock that counts 2 ns an instruction.
The first boot copies each folder to the state device; a later one finds it there; a second \`holdfast boot\` has nothing to do.
Processes and mount(2) calls are those of the first boot, in brackets of the later one.`

type Numbers = readonly number[]

function formatRows(rows: readonly (readonly Numbers[])[]): string {
  return formatTable(
    CONDITIONS,
    ['entries', 'first boot', 'later boot', 'nothing to do', 'processes', 'mount(2) calls'],
    rows.map(([first = [], later = [], nothing = []], index) => [
      ENTRIES[index]!.toLocaleString('en'),
      ...[first, later, nothing].map(([ns = Number.NaN]) => formatMs(ns)),
      `${first[1]} (${later[1]})`,
      `${first[2]} (${later[2]})`,
    ]),
  )
}

/** The goals: no process per entry, and time in proportion to the entries. */
function formatVerdict(rows: readonly (readonly Numbers[])[]): string {
  const [firsts, laters] = [0, 1].map((run) => rows.map((row) => row[run]?.[0] ?? Number.NaN))
  const growth = (times: Numbers) =>
    ((times.at(-1)! - times.at(-2)!) / (times[1]! - times[0]!) / 4).toFixed(1)
  const processes = rows.map((row) => row[0]?.[1] ?? Number.NaN)
  const constant = processes.every((each) => each === processes[0])
  return [
    `Goal: no process per entry (${constant ? 'reached' : 'missed'}), and time in proportion to the entries. Each of the entries from 1,000 to`,
    `2,000 takes ${growth(firsts ?? [])} times what each of those from 250 to 500 takes; at a later boot ${growth(laters ?? [])} times.`,
  ].join('\n')
}

function findNumbers(report: string, entries: number, run: number): Numbers {
  const line = new RegExp(`^statetab ${entries} ${run} (\\d+) (\\d+) (\\d+) (\\d+)$`, 'm')
  const found = line.exec(report)
  if (found === null) throw new Error(`Failed to find ${entries} entries, run ${run}: ${report}`)
  return found.slice(1).map(Number)
}

function formatMs(nanoseconds: number): string {
  return `${Math.round(nanoseconds / 1e6).toLocaleString('en')} ms`
}
