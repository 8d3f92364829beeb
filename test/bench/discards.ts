import { emptyDisk } from '../vm/image/disk.ts'
import { rootImage } from '../vm/image/root-image.ts'
import { guestFile, reportOf } from './guest-script.ts'
import { SUITE } from './measure.ts'
import { formatMb, formatTable } from './table.ts'

const BASE_BYTES = 512 << 20
const HOLDER_BYTES = 600 << 20

/** Boots, and gives the table of what fstrim does to a store, in Markdown. */
export async function benchDiscards(): Promise<string> {
  console.log('discards: boot 1 of 1')
  const report = await reportOf({
    suite: SUITE,
    initramfs: 'bench',
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck',
    disks: [
      { file: await rootImage(SUITE), readOnly: true },
      { file: await emptyDisk(['true'], BASE_BYTES), bus: 'virtio', serial: 'base' },
      { file: await emptyDisk(['true'], HOLDER_BYTES), bus: 'virtio', serial: 'holder' },
    ],
    script: guestFile('discards.sh'),
  })
  return formatDiscards(report)
}

const CONDITIONS = `Blocks of the store's file / chunks in use / free beside it, in MB; a preallocated store of 300 MiB, chunks of 16 KiB.
The kernel passes discards on to the store only where the table says \`discard_zeroes_cow\`.`

const STAGES: readonly [stage: string, name: string][] = [
  ['written', '100 MiB written'],
  ['deleted', 'deleted again'],
  ['trimmed', '`fstrim`'],
  ['rewritten', '100 MiB written'],
]

function formatDiscards(report: string): string {
  const cell = (way: string, stage: string) => {
    const found = new RegExp(`^discards ${way} ${stage} (\\d+) (\\d+) (\\d+)$`, 'm').exec(report)
    return (found ?? []).slice(1).map(Number).map(formatMb).join(' / ')
  }
  return formatTable(
    CONDITIONS,
    ['', 'as holdfast has it', 'with `discard_zeroes_cow`'],
    [
      ...STAGES.map(([stage, name]) => [name, cell('without', stage), cell('with', stage)]),
      ['what `fstrim` says', wordsOf(report, 'without'), wordsOf(report, 'with')],
    ],
  )
}

function wordsOf(report: string, way: string): string {
  const [, status, words = ''] = new RegExp(`^fstrim ${way} (\\d+): (.*)$`, 'm').exec(report) ?? []
  return status === '0' ? 'done' : words.replace(/^fstrim: \S+ /, '')
}
