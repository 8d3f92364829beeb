import { findMount, type Mount } from '../formats/mount-table.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import type { Step } from '../plan/step.ts'
import type { Section } from './plan-cure.ts'
import type { ProgramFiles } from './probe-programs.ts'

/** What the steps of a growth and of a cure are typed with. */
export const APART_PROGRAMS = ['sh', 'dmsetup', 'losetup', 'fallocate', 'dd', 'sync']

const FOLDER = `${RECORD_FOLDER}/apart`
const DEVICES = ['/dev', '/proc', '/sys']

/** There when all copies are: a monitor stands by. It goes with them. */
export const FILLED_FILE = `${FOLDER}/filled`

/**
 * Steps that are done while the root's device is suspended. Whatever asks it for anything waits then for the resume, and
 * if that is the process which is to resume it, for ever: a page of dmsetup that is not in memory any more is enough, a
 * path that is looked up, an access time. So the process has copies of all it runs in a ramfs, of which nothing is ever
 * written out or dropped, and that is its root: it cannot even name a file of the system's. `folder`, where
 * given, is seen in it too, as are /dev, /proc and /sys. Without `programs` the folder is filled already; else the copies
 * are there until the process ends.
 */
export function planApart(
  programs: readonly ProgramFiles[] | undefined,
  folder: string | undefined,
  { steps, always }: Section,
): Step[] {
  const seen = [...DEVICES, ...(folder === undefined ? [] : [folder])]
  const folders = seen.map((path): Step => ({ kind: 'make-directory', path: `${FOLDER}${path}` }))
  const binds = seen.map(
    (path): Step => ({ kind: 'bind-mount', from: path, at: `${FOLDER}${path}` }),
  )
  const apart = { kind: 'apart', folder: FOLDER, steps, always } as const
  // Without a process for each: it is a folder of everybody's then.
  if (programs === undefined) return [...folders, { ...apart, prepare: binds }]
  return [{ ...apart, prepare: [...planCopies(programs), ...folders, ...binds] }]
}

/** Fills the folder: 5 to 6 MiB of RAM, until it is emptied. What a monitor that was killed meanwhile has left goes first. */
export function planFilling(programs: readonly ProgramFiles[], mounts: readonly Mount[]): Step[] {
  const left = findMount(mounts, FOLDER) === undefined ? [] : planEmptying()
  return [...left, ...planCopies(programs), { kind: 'write-file', path: FILLED_FILE, text: '' }]
}

function planCopies(programs: readonly ProgramFiles[]): Step[] {
  const copies = new Map([[`${FOLDER}/bin`, new Set(programs.map(({ path }) => path))]])
  for (const library of programs.flatMap(({ libraries }) => libraries)) {
    const to = `${FOLDER}${library.slice(0, library.lastIndexOf('/'))}`
    copies.set(to, (copies.get(to) ?? new Set()).add(library))
  }
  return [
    { kind: 'make-directory', path: FOLDER },
    { kind: 'mount', device: 'ramfs', at: FOLDER, type: 'ramfs', options: ['mode=0700'] },
    ...[...copies.keys()].map((path): Step => ({ kind: 'make-directory', path })),
    ...[...copies].map(([to, from]): Step => ({ kind: 'copy-files', from: [...from], to })),
  ]
}

/** Gives the RAM back. */
export function planEmptying(): Step[] {
  return [{ kind: 'unmount', at: FOLDER, restore: undefined }]
}
