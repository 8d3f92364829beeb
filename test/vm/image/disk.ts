import { createHash } from 'node:crypto'
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { command } from './command.ts'

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-vm-'))
// HOLDFAST_KEEP_SCRATCH=1 leaves consoles and disks behind, to look at.
if (!process.env['HOLDFAST_KEEP_SCRATCH']) {
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
}
let files = 0

/** A path in this run's scratch directory, never given twice; the directory goes when the run ends. */
export function scratchPath(name: string): string {
  files++
  return join(scratch, `${files}-${name}`)
}

/** What a disk's file system holds: a number is a file of so many zero bytes, all else its content. */
export type Content = Record<string, number | string | Uint8Array>

interface Ext4 {
  bytes?: number
  label?: string
  uuid?: string
  /** As `mkfs.ext4 -O` takes them. */
  features?: string
  content?: Content
}

/** Makes a whole-disk ext4 file system (500 MB where nothing else is said) and gives its path. */
export async function ext4Disk({
  bytes = 500e6,
  label,
  uuid,
  features,
  content = {},
}: Ext4): Promise<string> {
  const path = scratchPath(`${label ?? 'disk'}.ext4`.replaceAll(/[^\w.]/g, '_'))
  const directory = `${path}.content`
  mkdirSync(directory)
  for (const [name, value] of Object.entries(content)) {
    const file = join(directory, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof value === 'number' ? '' : value)
    if (typeof value === 'number') truncateSync(file, value)
  }
  await command([
    ...['mkfs.ext4', '-q', '-F', '-d', directory],
    ...(label === undefined ? [] : ['-L', label]),
    ...(uuid === undefined ? [] : ['-U', uuid]),
    ...(features === undefined ? [] : ['-O', features]),
    ...[path, `${Math.floor(bytes / 1024)}k`],
  ])
  rmSync(directory, { recursive: true })
  return path
}

/** The recipe's persistence disk: ext4 of 500 MB with a file of 300 MiB zeros in it. */
export function persistenceDisk(options: Ext4 & { store?: string; storeBytes?: number } = {}) {
  const { store = '/persist-hda.img', storeBytes = 300 * 1024 * 1024, content, ...ext4 } = options
  return ext4Disk({ ...ext4, content: { [store]: storeBytes, ...content } })
}

/** Makes a file system of a kind that cannot be filled here: a guest script has to do that. */
export async function emptyDisk(makeFileSystem: readonly string[], bytes: number): Promise<string> {
  const path = scratchPath('empty.disk')
  writeFileSync(path, '')
  truncateSync(path, bytes)
  await command([...makeFileSystem, path])
  return path
}

/** A writable copy of an image, holes kept. */
export async function copyOf(image: string): Promise<string> {
  const path = scratchPath('copy.disk')
  await copyFile(image, path)
  return path
}

/** The SHA-256 of a whole disk: the same before and after means that nothing was written. */
export async function diskHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
