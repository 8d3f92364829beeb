import { AsyncLocalStorage } from 'node:async_hooks'
import { appendFileSync } from 'node:fs'

/** The scenario on whose behalf a machine runs, whatever runs beside it. */
export const scenario = new AsyncLocalStorage<string>()

/** HOLDFAST_TIMES=FILE collects how many seconds each machine ran, and for which scenario: where the time of a test run goes. */
export function noteSeconds(seconds: number): void {
  const file = process.env['HOLDFAST_TIMES']
  if (file) appendFileSync(file, `${seconds.toFixed(1)}\t${scenario.getStore()}\n`)
}
