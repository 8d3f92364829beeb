import { statSync, truncateSync, writeFileSync } from 'node:fs'
import { command } from './command.ts'
import { scratchPath } from './disk.ts'

const SECTOR_BYTES = 512
const ALIGNMENT_SECTORS = 2048

interface Partition {
  /** The file system image that becomes the partition. */
  image: string
  /** PARTLABEL. */
  name: string
  /** PARTUUID. */
  uuid: string
}

/** Makes a GPT disk of the given partitions, in their order, and gives its path. */
export async function gptDisk(partitions: readonly Partition[]): Promise<string> {
  const path = scratchPath('gpt.disk')
  const lines = ['label: gpt']
  let start = ALIGNMENT_SECTORS
  const copies: string[][] = []
  for (const { image, name, uuid } of partitions) {
    const sectors = Math.ceil(statSync(image).size / SECTOR_BYTES)
    lines.push(`start=${start}, size=${sectors}, type=linux, name="${name}", uuid=${uuid}`)
    copies.push(['dd', `if=${image}`, `of=${path}`, 'bs=1M', `seek=${start * SECTOR_BYTES}`])
    start = Math.ceil((start + sectors) / ALIGNMENT_SECTORS) * ALIGNMENT_SECTORS
  }
  writeFileSync(path, '')
  truncateSync(path, (start + ALIGNMENT_SECTORS) * SECTOR_BYTES)
  writeFileSync(`${path}.table`, `${lines.join('\n')}\n`)
  await command(['sh', '-euc', 'sfdisk --quiet "$1" < "$1.table"', 'sh', path])
  for (const copy of copies) {
    await command([...copy, 'oflag=seek_bytes', 'conv=notrunc,sparse', 'status=none'])
  }
  return path
}
