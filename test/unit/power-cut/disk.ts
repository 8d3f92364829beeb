import { setU32, u32 } from '../../../src/formats/bytes.ts'
import { formatCowHeader, parseCowHeader } from '../../../src/formats/cow-store.ts'
import { readCowUsage } from '../../../src/formats/cow-usage.ts'
import { parseStoreRecord } from '../../../src/overlay/store-record.ts'
import { inodeOf, type MemoryMachine, memoryMachine } from '../memory/machine.ts'
import { scenarios } from '../memory/scenarios.ts'
import { directory, type Entry, file, type Tree } from '../memory/state.ts'
import type { Platter } from './platter.ts'

/** The persistence device of the machines here. */
const DEVICE = 'sdb'
export const STORE = '/persist.img'
export const RECORD = `${STORE}.holdfast`

/** A store of so many entries of that chunk size, as the kernel writes them: in the order of their chunks. */
export function storeOf(bytes: number, chunkSectors: number, entries: number): Entry {
  const perArea = chunkSectors * 32
  const chunkBytes = chunkSectors * 512
  const areas = Math.floor(entries / perArea) + 1
  const start = new Uint8Array((2 + (areas - 1) * (perArea + 1)) * chunkBytes)
  start.set(formatCowHeader(chunkSectors))
  for (let entry = 0; entry < entries; entry++) {
    const area = Math.floor(entry / perArea)
    const areaChunk = 1 + area * (perArea + 1)
    const at = areaChunk * chunkBytes + (entry % perArea) * 16
    setU32(start, at, 2 * entry)
    setU32(start, at + 8, areaChunk + 1 + (entry % perArea))
  }
  const made = file(bytes)
  made.start = start
  return made
}

/** A machine in pre-pivot, with these files on its persistence device alone. */
export function machineWith(files: ReadonlyMap<string, Entry>, cmdline: string): MemoryMachine {
  const machine = memoryMachine(scenarios['a blank store']!.state(), cmdline)
  const held = treeOf(machine)
  held.files.clear()
  held.files.set('/', directory())
  for (const [name, entry] of files) held.files.set(name, entry)
  return machine
}

export function treeOf({ state }: MemoryMachine): Tree {
  return state.disks.find(({ name }) => name === DEVICE)!.tree!
}

/** What is on the disk when everything has been flushed. */
export function platterOf({ files }: Tree): Platter {
  const all = [...files].filter(([, { kind }]) => kind === 'file')
  return {
    names: new Map(all.map(([name, entry]) => [name, inodeOf(entry)])),
    files: new Map(
      all.map(([, entry]) => [inodeOf(entry), { bytes: entry.bytes, start: entry.start.slice() }]),
    ),
  }
}

/** The files as the next boot finds them. */
export function filesOf({ names, files }: Platter): Map<string, Entry> {
  return new Map(
    [...names].map(([name, number]) => {
      const { bytes, start } = files.get(number) ?? { bytes: 0, start: new Uint8Array() }
      return [name, { kind: 'file', bytes, start: start.slice() }]
    }),
  )
}

/** A store in words: how long it is and what it holds to the kernel; or why we and the kernel do not agree. */
export function describeStore(files: ReadonlyMap<string, Entry>, name = STORE): StoreInWords {
  const { start, bytes } = files.get(name) ?? file(0)
  const read = (offset: number, length: number) => {
    const slice = new Uint8Array(Math.max(0, Math.min(length, bytes - offset)))
    slice.set(start.subarray(offset, offset + slice.length))
    return slice
  }
  const header = parseCowHeader(read(0, 4096))
  if (header.kind !== 'store') return { bytes, holds: header.kind }
  const { chunkSectors, valid } = header
  const usage = readCowUsage(read, chunkSectors, bytes)
  if (usage.kind !== 'sound') return { bytes, holds: usage.why }
  const entries = countAsTheKernel(start, chunkSectors)
  const known = entries === usage.exceptions ? '' : `, we say ${usage.exceptions}`
  return { bytes, holds: `${valid ? '' : 'marked invalid, '}${entries} entries${known}` }
}

interface StoreInWords {
  readonly bytes: number
  readonly holds: string
}

/** One entry after the other, up to the first whose new chunk is 0. */
function countAsTheKernel(start: Uint8Array, chunkSectors: number): number {
  const perArea = chunkSectors * 32
  for (let entry = 0; ; entry++) {
    const areaChunk = 1 + Math.floor(entry / perArea) * (perArea + 1)
    if (u32(start, areaChunk * chunkSectors * 512 + (entry % perArea) * 16 + 8) === 0) return entry
  }
}

/** The text of the record, and for what the store was emptied. */
export function recordIn(files: ReadonlyMap<string, Entry>): { text: string; resetDone?: string } {
  const text = String.fromCharCode(...(files.get(RECORD)?.start ?? []))
  const found = parseStoreRecord(text)
  const done = found.kind === 'record' ? found.record.resetDone : undefined
  return { text, ...(done === undefined ? {} : { resetDone: done }) }
}
