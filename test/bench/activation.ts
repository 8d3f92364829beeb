import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../vm/image/command.ts'
import { scratchPath } from '../vm/image/disk.ts'
import { rootImage } from '../vm/image/root-image.ts'
import { writeExceptionStore } from './exception-store.ts'
import { guestFile, reportOf } from './guest-script.ts'
import { SUITE } from './measure.ts'
import { formatMb, formatTable } from './table.ts'

const ENTRIES = [0, 10_000, 100_000, 500_000]
const CHUNKS_SECTORS = [8, 32]
const TIMEOUT_SECONDS = 1800

/** Boots, and gives the table of how long a store's entries take to be read, in Markdown. */
export async function benchActivation(): Promise<string> {
  console.log('activation: boot 1 of 1')
  const report = await reportOf({
    suite: SUITE,
    initramfs: 'bench',
    // A cache of its own for the exceptions: else they are counted with others of that size.
    cmdline: 'root=LABEL=ROOT ro rd.skipfsck slab_nomerge',
    disks: [
      { file: await rootImage(SUITE), readOnly: true },
      { file: await storesDisk(), bus: 'virtio', serial: 'holder' },
    ],
    script: guestFile('activation.sh'),
    icount: true,
    timeoutSeconds: TIMEOUT_SECONDS,
  })
  return formatActivation(report)
}

/** A disk with one store for each row and chunk size, called ENTRIES-CHUNK-SECTORS. */
async function storesDisk(): Promise<string> {
  const path = scratchPath('stores.ext4')
  const folder = `${path}.content`
  mkdirSync(folder)
  for (const entries of ENTRIES) {
    for (const chunkSectors of CHUNKS_SECTORS) {
      writeExceptionStore(join(folder, `${entries}-${chunkSectors}`), entries, chunkSectors)
    }
  }
  await command(['mkfs.ext4', '-q', '-F', '-d', folder, path, '200M'])
  rmSync(folder, { recursive: true })
  return path
}

const CONDITIONS = `Entries are chunks that were written to, here in random order. \`dmsetup create\` reads all of them, holdfast before it one
of each full area. Chunks of 16 KiB, in brackets of 4 KiB; milliseconds of a guest clock that counts 2 ns an instruction.
The disk's own time for 16 bytes an entry comes on top, and a hash table of at most 2 MiB.`

function formatActivation(report: string): string {
  const cells = (entries: number, format: (found: readonly number[]) => string) => {
    const [small = '', usual = ''] = CHUNKS_SECTORS.map((chunkSectors) =>
      format(findNumbers(report, entries, chunkSectors)),
    )
    return `${usual} (${small})`
  }
  return formatTable(
    CONDITIONS,
    ['entries', '`dmsetup create`', '`holdfast boot --dry-run`', "the kernel's memory"],
    ENTRIES.map((entries) => [
      entries.toLocaleString('en'),
      cells(entries, ([createNs = Number.NaN]) => formatMs(createNs)),
      cells(entries, ([, lookNs = Number.NaN]) => formatMs(lookNs)),
      cells(entries, ([, , bytes = Number.NaN]) => `${formatMb(bytes)} MB`),
    ]),
  )
}

function findNumbers(report: string, entries: number, chunkSectors: number): readonly number[] {
  const line = new RegExp(`^activation ${entries} ${chunkSectors} (\\d+) (\\d+) (-?\\d+)$`, 'm')
  return (line.exec(report) ?? []).slice(1).map(Number)
}

function formatMs(nanoseconds: number): string {
  return `${Math.round(nanoseconds / 1e6).toLocaleString('en')} ms`
}
