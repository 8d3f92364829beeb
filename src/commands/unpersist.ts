import { planUnpersist } from '../persist/plan-unpersist.ts'
import type { WantedPath } from '../persist/state-facts.ts'
import { parentFirst } from '../stateless/paths.ts'
import { changeKept } from './change-kept.ts'
import type { Command } from './command.ts'

/*
 * Before: a state file system that is mounted and can be written to.
 * After: each path is as it is now until the next boot, which shows the image's own.
 */
export const unpersist: Command = {
  name: 'unpersist',
  summary: "Keep files and folders no longer than until the next boot, which shows the image's own",
  positionals: [{ name: 'path', summary: 'A path that was persisted', repeated: true }],
  options: {
    'dry-run': { kind: 'flag', summary: 'Print the plan as a sh script and change nothing' },
  },
  examples: [
    ['holdfast unpersist /etc/hostname', 'the running system sees no difference'],
    ['holdfast unpersist --dry-run /etc/ssh', 'what it would do'],
  ],
  run: (system, args) => changeKept(system, args, { order, plan: planUnpersist }),
}

/** What lies in another one goes first. */
function order(wanted: readonly WantedPath[]): readonly WantedPath[] {
  return parentFirst(wanted).reverse()
}
