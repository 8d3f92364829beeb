import { spawnSync } from 'node:child_process'
import { formatPlan } from '../../src/plan/print.ts'
import type { Plan, Step } from '../../src/plan/step.ts'

/** The plan as `--dry-run` prints it, which a shell has found to be free of mistakes. */
export function scriptOf(plan: Plan): string {
  const script = formatPlan(plan)
  const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })
  if (status !== 0) throw new Error(`sh -n: ${stderr}\n${script}`)
  return script
}

/** The same of steps alone. */
export function stepsOf(steps: readonly Step[]): string {
  return scriptOf({ reasons: [], steps })
}

/** Lines, each ended. */
export function lines(...texts: string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}

/** The plan's script with the steps that leave the record, which have a test of their own, as one line. */
export function scriptWithoutRecord(plan: Plan): string {
  const script = scriptOf(plan)
  return script.replace(/mkdir -p \/run\/holdfast\nprintf .*\/\.need_shutdown\n/s, '(record)\n')
}
