import { seededRandom } from '../formats/seeded-random.ts'
import type { Operation } from './trace.ts'

export interface Content {
  bytes: number
  /** What it begins with; zeros behind that. */
  start: Uint8Array
}

/** What is on the disk: the files by number, and their names. */
export interface Platter {
  readonly names: Map<string, number>
  readonly files: Map<number, Content>
}

type Naming = Extract<Operation, { kind: 'create' | 'remove' | 'rename' }>
type Filling = Extract<Operation, { kind: 'length' | 'write' }>

/** What is told and not on the disk yet. */
interface Pending {
  readonly naming: readonly Naming[]
  readonly filling: readonly Filling[]
}

const SECTOR_BYTES = 512

/**
 * All that a power cut may leave when it falls behind any of the operations. Of what was not flushed the names are
 * there up to any one of them, as journals keep them, and the content in any part, sector by sector: a name may be there
 * before what it names. Throws where a length counts before it is on the disk.
 */
export function* afterCuts(before: Platter, operations: readonly Operation[]): Generator<Platter> {
  const platter = copyOf(before)
  let pending: Pending = { naming: [], filling: [] }
  yield copyOf(platter)
  for (const operation of operations) {
    pending = tell(platter, pending, operation)
    yield* lossesOf(platter, pending)
  }
}

/** The pending operations when one more is told; what it flushes goes to the platter. */
function tell(platter: Platter, pending: Pending, operation: Operation): Pending {
  const { naming, filling } = pending
  switch (operation.kind) {
    case 'flush-names':
      for (const each of naming) giveName(platter, each)
      return { naming: [], filling }
    case 'flush-file': {
      const { file } = operation
      fill(platter, ...filling.filter((each) => each.file === file))
      return { naming, filling: filling.filter((each) => each.file !== file) }
    }
    case 'counts': {
      const { file, bytes } = operation
      const there = platter.files.get(file)?.bytes ?? 0
      if (there < bytes) throw new Error(`${bytes} bytes count, and ${there} are on the disk`)
      return pending
    }
    case 'length':
      return { naming, filling: [...filling, operation] }
    case 'write':
      return { naming, filling: [...filling, ...sectorsOf(operation)] }
    default:
      return { naming: [...naming, operation], filling }
  }
}

function* lossesOf(platter: Platter, { naming, filling }: Pending): Generator<Platter> {
  for (const kept of choices(filling.length)) {
    const filled = copyOf(platter)
    fill(filled, ...filling.filter((_, index) => kept(index)))
    for (let named = 0; named <= naming.length; named++) {
      const left = copyOf(filled)
      for (const each of naming.slice(0, named)) giveName(left, each)
      yield left
    }
  }
}

const EXHAUSTIVE = 4
const SAMPLES = 8

/** Which of so many are kept: every choice of few; of many none, all, and some by chance. */
function choices(count: number): readonly ((index: number) => boolean)[] {
  if (count <= EXHAUSTIVE) {
    return Array.from({ length: 2 ** count }, (_, bits) => (index) => ((bits >> index) & 1) === 1)
  }
  const random = seededRandom(count)
  const samples = Array.from({ length: SAMPLES }, (_, sample) => {
    // From a few to nearly all.
    const percent = (100 * (sample + 1)) / (SAMPLES + 1)
    const kept = Array.from({ length: count }, () => random(100) < percent)
    return (index: number) => kept[index] === true
  })
  return [() => false, () => true, ...samples]
}

function sectorsOf({ file, offset, data }: Extract<Operation, { kind: 'write' }>): Filling[] {
  const parts: Filling[] = []
  for (let from = 0; from < data.length; ) {
    const length = SECTOR_BYTES - ((offset + from) % SECTOR_BYTES)
    const part = data.subarray(from, from + length)
    parts.push({ kind: 'write', file, offset: offset + from, data: part })
    from += length
  }
  return parts
}

function giveName({ names }: Platter, operation: Naming): void {
  if (operation.kind !== 'create') names.delete(operation.name)
  if (operation.kind === 'create') names.set(operation.name, operation.file)
  if (operation.kind === 'rename') names.set(operation.to, operation.file)
}

/** What is written behind the end of a file is not seen. */
function fill({ files }: Platter, ...operations: readonly Filling[]): void {
  for (const number of new Set(operations.map(({ file }) => file))) {
    const before = files.get(number)
    let bytes = before?.bytes ?? 0
    const ends = operations.map((each) =>
      each.kind === 'write' ? each.offset + each.data.length : 0,
    )
    const start = new Uint8Array(Math.max(before?.start.length ?? 0, ...ends))
    start.set(before?.start ?? [])
    for (const operation of operations) {
      if (operation.file !== number) continue
      if (operation.kind === 'length') {
        bytes = operation.bytes
        start.fill(0, Math.min(bytes, start.length))
      } else if (operation.offset < bytes) {
        start.set(operation.data.subarray(0, bytes - operation.offset), operation.offset)
      }
    }
    files.set(number, { bytes, start })
  }
}

function copyOf({ names, files }: Platter): Platter {
  return { names: new Map(names), files: new Map(files) }
}
