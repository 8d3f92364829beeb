import type { OnFail } from '../cmdline/config.ts'
import { RECORD_FOLDER } from '../machine/places.ts'
import type { BootPlan } from '../overlay/boot-plan.ts'
import type { Outcome, Shortfall } from '../overlay/outcome.ts'
import { planTemporary, planUnchanged } from '../overlay/plan-fallback.ts'
import { requireRoot } from '../overlay/root-facts.ts'
import { planModules } from '../plan/plan-modules.ts'
import { formatPrintable } from '../printable.ts'
import type { BootContext } from './boot-context.ts'
import { bootPersistent } from './boot-persistent.ts'
import { lookAtRoot } from './look-at-root.ts'
import { shortfallOf } from './shortfall-of.ts'

/**
 * Gives the mounted root what the configuration asks for, or, where that cannot be had, what rd.holdfast.onfail=
 * says; the base is back in its place then. Returns what the boot comes to.
 */
export function bootRoot(context: BootContext): Outcome {
  const { config } = context
  const { store } = config.overlay
  try {
    switch (store.kind) {
      case 'untouched':
        return carryOut(context, planUnchanged(config, 'untouched', undefined))
      case 'none':
        return carryOut(context, planUnchanged(config, 'readonly', undefined))
      case 'temporary':
        return bootTemporary(context, undefined)
      case 'unusable':
        return fallBack(context, {
          why: store.why,
          hint: store.hint ?? 'holdfast explain says how the argument is read.',
        })
      case 'persistent':
        return bootPersistent(context, store)
    }
  } catch (error) {
    // Whatever it was, a bug included: the base goes back where it was.
    for (const trouble of context.runner.walkBack()) context.log.warn(trouble)
    return fallBack(context, shortfallOf(context, error))
  }
}

function bootTemporary(context: BootContext, short: Shortfall | undefined): Outcome {
  // After a failed attempt the machine is not what it was: loop devices have come and gone.
  const facts = short === undefined ? context.facts : context.probe()
  context.runner.run({ reasons: [], steps: planModules(facts) })
  return carryOut(context, planTemporary(context.config, facts, lookAtRoot(context, facts), short))
}

function carryOut({ runner }: BootContext, { plan, outcome }: BootPlan): Outcome {
  runner.run(plan)
  return outcome
}

/** What rd.holdfast.onfail= says; when not even that can be had, the root stays as it was mounted. */
function fallBack(context: BootContext, short: Shortfall): Outcome {
  const { config, runner, log } = context
  try {
    return policies[config.onFail](context, short)
  } catch (error) {
    for (const trouble of runner.walkBack()) log.warn(trouble)
    log.warn(shortfallOf(context, error).why)
    requireRoot(context.probe())
    return carryOut(context, planUnchanged(config, 'readonly', short))
  }
}

const policies: Readonly<Record<OnFail, (context: BootContext, short: Shortfall) => Outcome>> = {
  temporary: bootTemporary,
  readonly: (context, short) => carryOut(context, planUnchanged(context.config, 'readonly', short)),
  shell: openShell,
  reboot: (context, short) => restart(context, short, 'reboot'),
  poweroff: (context, short) => restart(context, short, 'poweroff'),
}

/** The hook opens dracut's emergency shell when it finds this file, and runs holdfast again afterwards. */
export const SHELL_FILE = `${RECORD_FOLDER}/shell`

function openShell(context: BootContext, short: Shortfall): Outcome {
  const { plan, outcome } = planUnchanged(context.config, 'readonly', short)
  const mark = {
    kind: 'write-file',
    path: SHELL_FILE,
    text: `${formatPrintable(short.why)}\n`,
  } as const
  context.runner.run({ reasons: plan.reasons, steps: [...plan.steps, mark] })
  return outcome
}

function restart(context: BootContext, short: Shortfall, how: 'reboot' | 'poweroff'): Outcome {
  const { config, runner, log } = context
  log.warn(`${how} (rd.holdfast.onfail=): ${short.why}`)
  runner.run({ reasons: [short.why], steps: [{ kind: 'restart', how }] })
  return planUnchanged(config, 'readonly', short).outcome
}
