import { RECORD_FOLDER } from '../machine/places.ts'
import type { ApartStep, Step } from '../plan/step.ts'
import type { ProgramFiles } from './probe-programs.ts'

/** What the steps of a growth and of a cure are typed with. */
export const APART_PROGRAMS = ['sh', 'dmsetup', 'losetup', 'fallocate', 'dd', 'sync']

const FOLDER = `${RECORD_FOLDER}/apart`

/**
 * Steps that are done while the root's device is suspended. Whatever asks it for anything waits then for the resume, and
 * if that is the process which is to resume it, for ever: a page of dmsetup that is not in memory any more is enough, a
 * path that is looked up, an access time. So the process has copies of all it runs in a ramfs, of which nothing is ever
 * written out or dropped, and that is its root: it cannot even name a file of the system's. `folder`, where
 * given, is seen in it too, as are /dev, /proc and /sys. About 5 MiB, until it ends.
 */
export function planApart(
  programs: readonly ProgramFiles[],
  folder: string | undefined,
  steps: readonly Step[],
  always: readonly Step[],
): ApartStep {
  return { kind: 'apart', folder: FOLDER, prepare: planPrepare(programs, folder), steps, always }
}

function planPrepare(programs: readonly ProgramFiles[], folder: string | undefined): Step[] {
  const copies = new Map([[`${FOLDER}/bin`, new Set(programs.map(({ path }) => path))]])
  for (const library of programs.flatMap(({ libraries }) => libraries)) {
    const to = `${FOLDER}${library.slice(0, library.lastIndexOf('/'))}`
    copies.set(to, (copies.get(to) ?? new Set()).add(library))
  }
  const seen = ['/dev', '/proc', '/sys', ...(folder === undefined ? [] : [folder])]
  const folders = [...copies.keys(), ...seen.map((path) => `${FOLDER}${path}`)]
  return [
    { kind: 'make-directory', path: FOLDER },
    { kind: 'mount', device: 'ramfs', at: FOLDER, type: 'ramfs', options: ['mode=0700'] },
    ...folders.map((path): Step => ({ kind: 'make-directory', path })),
    ...[...copies].map(([to, from]): Step => ({ kind: 'copy-files', from: [...from], to })),
    ...seen.map((path): Step => ({ kind: 'bind-mount', from: path, at: `${FOLDER}${path}` })),
  ]
}
