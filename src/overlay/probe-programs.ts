import { CommandError, RefusedError } from '../errors.ts'
import { readInterpreter } from '../formats/elf.ts'
import { attempt } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'

/** A program, and the libraries without which it does not start, its loader among them. */
export interface ProgramFiles {
  readonly name: string
  readonly path: string
  readonly libraries: readonly string[]
}

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * Where programs lie, and what each of them loads: its own loader is asked for that (ld.so(8), --list), which runs
 * nothing of the program. Throws a RefusedError when one is not there, a CommandError when
 * that cannot be told.
 */
export function probePrograms(system: System, names: readonly string[]): ProgramFiles[] {
  return names.map((name) => {
    const path = findProgram(system, name)
    if (path !== undefined) return { name, path, libraries: probeLibraries(system, path) }
    throw new RefusedError(
      `there is no program '${name}'`,
      `It is looked for in ${FOLDERS.join(', ')}: install it.`,
    )
  })
}

/** Where a program lies; undefined where there is none of that name. */
export function findProgram(system: System, name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find((each) => system.exists(each))
}

function probeLibraries(system: System, path: string): string[] {
  const read = (offset: number, length: number) => system.readBytes(path, offset, length)
  const loader = attempt(() => readInterpreter(read), undefined)
  if (loader === undefined) return []
  const argv = [loader, '--list', path]
  const { status, stdout, stderr } = system.run(argv)
  if (status !== 0) {
    throw new CommandError(`Failed to list the libraries of '${path}': ${stderr.trim()}`, argv)
  }
  return [...new Set([loader, ...parseLibraries(stdout)])]
}

/** The files in what a loader lists: `name => /path (address)` or `/path (address)`; the kernel's own has no path. */
export function parseLibraries(text: string): string[] {
  return [...text.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path)
}
