import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import { boot } from '../../../src/commands/boot.ts'
import { type Command, commandArgs } from '../../../src/commands/command.ts'
import { recover } from '../../../src/commands/recover.ts'
import type { MemoryMachine } from '../memory/machine.ts'
import type { Entry } from '../memory/state.ts'
import { filesOf, machineWith, platterOf, STORE, treeOf } from './disk.ts'
import { afterCuts } from './platter.ts'
import { type Operation, traced } from './trace.ts'

export const ASKED = `rd.live.overlay=/dev/sdb:${STORE}`

export type Files = Map<string, Entry>

export interface Cuts {
  readonly after: Files
  readonly left: readonly Files[]
}

/** A disk before, what is run on it, and the disk after every cut there may be; those that are alike once. */
export function cuts(
  before: Files,
  cmdline: string,
  command: Command = boot,
  options: Record<string, unknown> = {},
): Cuts {
  return cutsOf(machineWith(copyOf(before), cmdline), command, options)
}

export function cutsOf(
  machine: MemoryMachine,
  command: Command,
  options: Record<string, unknown>,
): Cuts {
  const tree = treeOf(machine)
  const platter = platterOf(tree)
  const told: Operation[] = []
  const status = command.run(traced(machine, tree, told), commandArgs(command, options))
  assert.ok(status === 0 || command === recover, machine.printed.stderr)
  const left = new Map<string, Files>()
  for (const each of afterCuts(platter, told)) {
    const files = filesOf(each)
    left.set(hashOf(files), files)
  }
  return { after: copyOf(tree.files), left: [...left.values()] }
}

export function hashOf(files: Files): string {
  const hash = createHash('md5')
  for (const [name, { bytes, start }] of files) hash.update(`${name} ${bytes}\n`).update(start)
  return hash.digest('hex')
}

export function copyOf(files: ReadonlyMap<string, Entry>): Files {
  return new Map(
    [...files].map(([name, entry]) => [name, { ...entry, start: entry.start.slice() }]),
  )
}

/** A disk that a machine has booted with. */
export function booted(files: Files, cmdline = ASKED): Files {
  const machine = machineWith(copyOf(files), cmdline)
  assert.is(boot.run(machine, commandArgs(boot, {})), 0, machine.printed.stderr)
  return copyOf(treeOf(machine).files)
}

/** One whose file system cannot preallocate. */
export function vfat(machine: MemoryMachine): MemoryMachine {
  return {
    ...machine,
    run: (argv, timeoutMs) =>
      argv[0] === 'fallocate'
        ? { status: 1, stdout: '', stderr: 'fallocate: Operation not supported', timedOut: false }
        : machine.run(argv, timeoutMs),
  }
}
