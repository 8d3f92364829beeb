import type { System } from '../../../src/machine/system.ts'
import { inodeOf, type MemoryMachine } from '../memory/machine.ts'
import { type Entry, entryAt, resolve, type Tree } from '../memory/state.ts'

/** What a file system is told, in its order. Nothing of it is on the disk before a flush says so. */
export type Operation =
  | { readonly kind: 'create' | 'remove'; readonly name: string; readonly file: number }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string; readonly file: number }
  | { readonly kind: 'length'; readonly file: number; readonly bytes: number }
  | {
      readonly kind: 'write'
      readonly file: number
      readonly offset: number
      readonly data: Uint8Array
    }
  | { readonly kind: 'flush-file'; readonly file: number }
  | { readonly kind: 'flush-names' }
  /** A loop device takes the file for that long: from now on others count on it. */
  | { readonly kind: 'counts'; readonly file: number; readonly bytes: number }

/** The machine, which notes in `operations` what it does to one file system. */
export function traced(machine: MemoryMachine, tree: Tree, operations: Operation[]): System {
  const note = (...seen: Operation[]) => operations.push(...seen)
  const at = (path: string): { name: string; entry: Entry | undefined } | undefined => {
    const place = resolve(machine.state, path)
    return place.mount.tree === tree
      ? { name: place.inner, entry: tree.files.get(place.inner) }
      : undefined
  }
  /** Does it, and notes what became of the file's name and length. */
  const around = <Value>(path: string, body: () => Value): Value => {
    const before = at(path)
    const length = before?.entry?.bytes
    const value = body()
    const after = at(path)
    if (after?.entry?.kind !== 'file') return value
    const { name, entry } = after
    const file = inodeOf(entry)
    if (before?.entry !== entry) note({ kind: 'create', name, file })
    if (before?.entry !== entry || length !== entry.bytes) {
      note({ kind: 'length', file, bytes: entry.bytes })
    }
    return value
  }
  const fileAt = (path: string): number | undefined => {
    const entry = at(path)?.entry
    return entry?.kind === 'file' ? inodeOf(entry) : undefined
  }
  const write = (path: string, offset: number, data: Uint8Array) => {
    const file = fileAt(path)
    if (file !== undefined) note({ kind: 'write', file, offset, data })
  }
  const flush = (path: string) => {
    const file = fileAt(path)
    if (file !== undefined) note({ kind: 'flush-file', file })
    else if (at(path) !== undefined) note({ kind: 'flush-names' })
  }
  return {
    ...machine,
    writeText(path, text) {
      around(path, () => machine.writeText(path, text))
      write(path, 0, new TextEncoder().encode(text))
    },
    writeBytes(path, offset, bytes) {
      around(path, () => machine.writeBytes(path, offset, bytes))
      write(path, offset, bytes)
      flush(path)
    },
    truncate: (path, bytes) => around(path, () => machine.truncate(path, bytes)),
    sync(path) {
      machine.sync(path)
      flush(path)
    },
    removeFile(path) {
      const file = fileAt(path)
      const name = at(path)?.name
      machine.removeFile(path)
      if (file !== undefined && name !== undefined) note({ kind: 'remove', name, file })
    },
    rename(from, to) {
      const [old, target] = [at(from), resolve(machine.state, to).inner]
      const file = fileAt(from)
      machine.rename(from, to)
      if (old && file !== undefined) note({ kind: 'rename', name: old.name, to: target, file })
    },
    run(argv, timeoutMs) {
      const path = argv.find((word) => word.startsWith('of='))?.slice(3) ?? argv.at(-1) ?? ''
      if (!path.startsWith('/')) return machine.run(argv, timeoutMs)
      const result = around(path, () => machine.run(argv, timeoutMs))
      if (argv[0] === 'cp') write(path, 0, at(path)?.entry?.start.slice() ?? new Uint8Array())
      if (argv.includes('conv=notrunc,fsync')) flush(path)
      noteLoop(machine, argv, note)
      return result
    },
  }
}

function noteLoop(
  { state }: MemoryMachine,
  argv: readonly string[],
  note: (seen: Operation) => void,
): void {
  if (argv[0] !== 'losetup' || argv.includes('--detach')) return
  const loop = state.disks.find(({ name }) => argv.at(-1) === `/dev/${name}`)?.loop
  const entry = loop?.entry ?? entryAt(state, argv.at(-1) ?? '')
  if (entry) note({ kind: 'counts', file: inodeOf(entry), bytes: entry.bytes })
}
