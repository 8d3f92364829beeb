import { planPersist } from '../persist/plan-persist.ts'
import type { WantedPath } from '../persist/state-facts.ts'
import { parentFirst, topmost } from '../stateless/paths.ts'
import { changeKept } from './change-kept.ts'
import type { Command } from './command.ts'

/*
 * Before: a state file system that is mounted and can be written to.
 * After: each path is kept, from now on and for every boot after; or, when one is refused or fails, nothing has changed.
 */
export const persist: Command = {
  name: 'persist',
  summary: 'Keep files and folders on the state device, from now on and for every boot after',
  positionals: [{ name: 'path', summary: 'A file, folder or link that is there', repeated: true }],
  options: {
    'dry-run': { kind: 'flag', summary: 'Print the plan as a sh script and change nothing' },
  },
  examples: [
    ['holdfast persist /etc/hostname /etc/ssh', 'at once, without a reboot'],
    ['holdfast persist --dry-run /srv/data', 'what it would do'],
  ],
  run: (system, args) => changeKept(system, args, { order, plan: planPersist }),
}

/** What lies in another one of them is kept with that. */
function order(wanted: readonly WantedPath[]): readonly WantedPath[] {
  return topmost(parentFirst(wanted))
}
