import type { Step } from '../plan/step.ts'

/** What only waits for the kernel takes milliseconds; dmsetup tries again for 5 s where a device is still open. */
const WAIT_MS = 5_000
/** A slow stick may need that long for what is still in memory: the data is worth more than the time. */
const WRITE_MS = 30_000
/** Nothing begins after that. */
const TOTAL_MS = 90_000

/** What is known before a step. */
export interface Elapsed {
  /** Since the first step. */
  readonly totalMs: number
  /** Whether a step for the same file system has been given up: what is gone is not waited for as long again. */
  readonly isSilent: boolean
}

/** How long a step of the shutdown may take, in milliseconds; 0: it is not begun. */
export function takeDownLimitMs(step: Step, { totalMs, isSilent }: Elapsed): number {
  const left = TOTAL_MS - totalMs
  if (left <= 0) return 0
  const own = isWaiting(step) || isSilent ? WAIT_MS : WRITE_MS
  return Math.min(own, Math.max(left, WAIT_MS))
}

/** Whether a step that has taken that long has used up what it was given, so that its file system counts as silent. */
export function isGivenUp(tookMs: number): boolean {
  return tookMs >= WAIT_MS
}

/** Whether nothing is written out by it. */
function isWaiting(step: Step): boolean {
  if (step.kind === 'unmount') return step.lazy === true
  return step.kind === 'remove-dm' || step.kind === 'detach-loop'
}
