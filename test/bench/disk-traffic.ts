import { emptyDisk } from '../vm/image/disk.ts'
import { rootImage } from '../vm/image/root-image.ts'
import { guestFile, reportOf, withFiles } from './guest-script.ts'
import { SUITE } from './measure.ts'
import { median } from './measurement.ts'
import { formatMb, formatTable } from './table.ts'

const BASE_BYTES = 256 << 20
const HOLDER_BYTES = 600 << 20
const REPETITIONS = 3
const TIMEOUT_SECONDS = 3600

const LOADS = ['files', 'random', 'rewrite', 'install'] as const
type Load = (typeof LOADS)[number]

/** The names of guest/disk-traffic.sh; a number is the chunk of a store, in sectors. */
const WAYS: readonly [way: string, name: string][] = [
  ['loop', 'loop device, no snapshot'],
  ['overlayfs', 'OverlayFS'],
  ['8', 'snapshot, chunks of 4 KiB'],
  ['16', '8 KiB'],
  ['32', '**16 KiB**, holdfast'],
  ['64', '32 KiB'],
  ['128', '64 KiB'],
]

/** What a load came to: what the disk got, and what the store, or the upper folder, has grown by. */
interface Traffic {
  readonly way: string
  readonly load: string
  readonly bytes: number
  readonly flushes: number
  readonly keptBytes: number
}

/** Boots, and gives the table of what reaches the disk, in Markdown. */
export async function benchDiskTraffic(): Promise<string> {
  const traffic: Traffic[] = []
  for (let time = 1; time <= REPETITIONS; time++) {
    console.log(`disk traffic: boot ${time} of ${REPETITIONS}`)
    traffic.push(...parseTraffic(await measureTraffic()))
  }
  return formatTraffic(traffic)
}

async function measureTraffic(): Promise<string> {
  return reportOf({
    suite: SUITE,
    initramfs: 'bench',
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
    disks: [
      { file: await rootImage(SUITE), readOnly: true },
      { file: await emptyDisk(['true'], BASE_BYTES), bus: 'virtio', serial: 'base' },
      { file: await emptyDisk(['true'], HOLDER_BYTES), bus: 'virtio', serial: 'holder' },
    ],
    script: withFiles(['load.pl'], guestFile('disk-traffic.sh')),
    timeoutSeconds: TIMEOUT_SECONDS,
  })
}

function parseTraffic(text: string): Traffic[] {
  const lines = text.matchAll(/^traffic (\S+) (\S+) (\d+) (\d+) (\d+)$/gm)
  return [...lines].map(([, way = '', load = '', bytes, flushes, keptBytes]) => ({
    ...{ way, load },
    ...{ bytes: Number(bytes), flushes: Number(flushes), keptBytes: Number(keptBytes) },
  }))
}

const CONDITIONS = `Flushes / MB that reach the disk / MB by which the store, or OverlayFS's upper folder, grows. Counted at the disk, not timed;
medians of ${REPETITIONS}. Flushes vary by a fifth: the kernel gathers what comes at the same time. Kernel 6.1, ext4 above and below.`

function formatTraffic(traffic: readonly Traffic[]): string {
  const cell = (way: string, load: Load) => {
    const of = traffic.filter((each) => each.way === way && each.load === load)
    const bytes = median(of.map((each) => each.bytes))
    const kept = way === 'loop' ? '–' : formatMb(median(of.map((each) => each.keptBytes)))
    return `${median(of.map((each) => each.flushes))} / ${formatMb(bytes)} / ${kept}`
  }
  return formatTable(
    CONDITIONS,
    ['', '20 new files, fsynced', '1,000 random 4 KiB', 'the same again', 'install, as dpkg does'],
    WAYS.map(([way, name]) => [name, ...LOADS.map((load) => cell(way, load))]),
  )
}
