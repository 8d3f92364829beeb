import { suite as uvuSuite } from 'uvu'
import { makeSlots } from './image/slots.ts'
import type { Outcome } from './machine/machine.ts'
import { scenario } from './machine/stopwatch.ts'

/** Collects the scenarios of one test file. `run()` registers them with uvu. */
export interface Scenarios {
  (name: string, body: () => Promise<void>): void
  run(): void
}

// Two run, and two more get their disks ready meanwhile.
const inScenarioSlot = makeSlots(4)

/**
 * Like uvu's `suite`, but the scenarios of all files start at once and wait for a slot, not for each
 * other: the machines are what takes time, and there are as many of them as cores.
 */
export function scenarios(title: string): Scenarios {
  const test = uvuSuite(title)
  const add = (name: string, body: () => Promise<void>) => {
    const finished = inScenarioSlot(() => scenario.run(`${title}: ${name}`, body))
    // uvu awaits it later; until then nobody has asked, and node would call it unhandled.
    finished.catch(() => undefined)
    test(name, () => finished)
  }
  return Object.assign(add, { run: () => test.run() })
}

// Before it has ended by itself a machine has not synced: at the next boot files are missing that nobody lost.
const CUT_SHORT: readonly Outcome['exit'][] = ['panic', 'timeout', 'crash']

/** Throws, with all of the report and the end of the console, unless the guest script ended with 0 and the machine by itself. */
export function assertScriptSucceeded({ exit, seconds, log, report }: Outcome): void {
  if (report.exitStatus === 0 && !CUT_SHORT.includes(exit)) return
  const end = report.exitStatus === undefined ? 'did not end' : `ended with ${report.exitStatus}`
  const error = new Error(`The guest script ${end} (${exit} after ${Math.round(seconds)} s)`)
  const screen = log.trimEnd().split('\n').slice(-60)
  // uvu prints what it finds there below the message.
  throw Object.assign(error, { details: [report.text, '--- console:', ...screen].join('\n') })
}
