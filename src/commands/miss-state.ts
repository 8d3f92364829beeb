import { RECORD_FOLDER } from '../machine/places.ts'
import type { Outcome } from '../overlay/outcome.ts'
import { SHELL_FILE } from './boot-root.ts'
import type { Planning } from './planning.ts'
import type { StatelessContext } from './stateless-context.ts'

/** What becomes of the listed paths: they are set up; those that were to be kept are volatile too; nothing is set up. */
export type WithoutState = 'go on' | 'all volatile' | 'stop'

const NOT_KEPT = 'what statetab lists is not kept'

/**
 * What keeps state cannot be had. With rd.holdfast.state=degraded the boot goes on, and the image's own is seen; with
 * required rd.holdfast.onfail= says what follows.
 */
export function missState(context: StatelessContext, why: string, hint: string): WithoutState {
  const { planning, run } = context
  const { config, runner, log } = planning
  run.miss(`${NOT_KEPT}: ${why}`, hint)
  if (config.state === 'degraded') return 'go on'
  switch (config.onFail) {
    case 'readonly':
      return 'go on'
    case 'temporary':
      return 'all volatile'
    case 'shell':
      if (isAfterShell(planning)) return 'go on'
      run.walkBack()
      runner.run({
        reasons: [why],
        steps: [
          { kind: 'make-directory', path: RECORD_FOLDER },
          { kind: 'write-file', path: SHELL_FILE, text: `${NOT_KEPT}: ${why}\n` },
        ],
      })
      return 'stop'
    case 'reboot':
    case 'poweroff':
      log.warn(`${config.onFail} (rd.holdfast.onfail=): ${NOT_KEPT}: ${why}`)
      runner.run({ reasons: [why], steps: [{ kind: 'restart', how: config.onFail }] })
      return 'stop'
  }
}

/** Whether the emergency shell comes first, because the store cannot be had: then everything is tried once more. */
export function waitsForShell(planning: Planning, overlay: Outcome | undefined): boolean {
  const { config } = planning
  return config.onFail === 'shell' && overlay?.why !== undefined && !isAfterShell(planning)
}

/** The hook says so when it runs holdfast for the second time, which is the last. */
function isAfterShell({ system }: Planning): boolean {
  return system.env('HOLDFAST_AFTER_SHELL') !== undefined
}
