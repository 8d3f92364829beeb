import type { Step } from '../../plan/step.ts'
import { type KeptEntry, keptPath, placeOf } from '../kept-entry.ts'
import { bindOf, type PathMount } from '../kept-path.ts'

/** The kept files of one folder of the root. */
export interface KeptFolder {
  /** Inside the root. */
  readonly folder: string
  /** Where the folder is found now, without them: in the image, or its copy on scratch. */
  readonly lower: string
  readonly files: readonly KeptEntry[]
}

export interface KeptFilesPlan {
  /** Of the files, those that the state device is to get from the root where it has none. */
  readonly seeded: readonly KeptEntry[]
  /** After the seeds, before the mounts. */
  readonly prepare: readonly Step[]
  /** They are put in order with all others. */
  readonly mounts: readonly PathMount[]
}

/** How the kept files of one folder come to be seen there: each by a bind mount of its own, as in the original. */
export function planKeptFiles({ files }: KeptFolder, slaves: boolean): KeptFilesPlan {
  return {
    seeded: files,
    prepare: [],
    mounts: files.map((facts) => bindOf(keptPath(facts), placeOf(facts), slaves)),
  }
}
