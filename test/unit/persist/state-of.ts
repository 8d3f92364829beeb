import { mountFinder, parseMountInfo } from '../../../src/formats/mount-table.ts'
import type { StateFacts, WantedPath } from '../../../src/persist/state-facts.ts'
import { formatStep } from '../../../src/plan/print.ts'
import type { Step } from '../../../src/plan/step.ts'

export const STATE = '/run/initramfs/holdfast-state'

/** A root on /dev/sda, read-only, with a state file system on /dev/sdb, and what else is mounted: lines of mountinfo. */
export function stateOf(
  listed: readonly string[],
  mounts: readonly string[] = [],
  more: Partial<StateFacts> = {},
): StateFacts {
  const all = parseMountInfo(
    [
      '10 0 8:0 / / ro - ext4 /dev/sda ro',
      '11 10 0:2 / /run rw - tmpfs tmpfs rw',
      `12 11 8:16 / ${STATE} rw - ext4 /dev/sdb rw`,
      ...mounts,
    ].join('\n'),
  )
  const mount = all[2]
  if (mount === undefined) throw new Error('no state')
  return {
    folder: STATE,
    mount,
    mounts: all,
    mountOf: mountFinder(all),
    isCarried: () => false,
    entries: listed.map((path, index) => ({ path, at: path, file: 'files', line: index + 1 })),
    remarks: [],
    listText: listed.length === 0 ? undefined : listed.map((path) => `${path}\n`).join(''),
    dropped: [],
    made: new Set(),
    gone: new Set(),
    copies: 0,
    ...more,
  }
}

/** A file that is there, and of which the state device has nothing but what is said. */
export function wantedOf(path: string, more: Partial<WantedPath> = {}): WantedPath {
  return {
    asked: path,
    path,
    kind: 'file',
    target: undefined,
    kept: { kind: 'missing', top: path },
    neighbours: new Map(),
    pieces: [path],
    occupied: [],
    ...more,
  }
}

/** The steps as they would be typed, without what is always the same. */
export function typed(steps: readonly Step[]): string[] {
  return steps
    .map((step) => formatStep(step).replaceAll(STATE, 'S'))
    .filter(
      (line) =>
        !/^(sync -f|rm -rf --one-file-system S\/.holdfast-seed(\/\d)?$|mkdir -p S\/.holdfast-seed\/\d$)/.test(
          line,
        ),
    )
}

/** The text that the plan gives the list; undefined where it leaves it as it is. */
export function listIn(steps: readonly Step[]): string | undefined {
  const step = steps.find((each) => each.kind === 'replace-file' && each.path === `${STATE}/files`)
  return step?.kind === 'replace-file' ? step.text : undefined
}
