import { tryText } from '../machine/attempt.ts'
import type { System } from '../machine/system.ts'

/** Where the kernel does not say: the usual fifth of a machine of 1 GiB. */
const UNKNOWN_BYTES = 200 << 20

/** How many bytes the kernel lets be dirty before it makes their writers wait; it follows the free memory. */
export function probeDirtyBudget(system: System): number {
  const pages = /^nr_dirty_threshold (\d+)$/m.exec(tryText(system, '/proc/vmstat'))
  const pageKilobytes = /^KernelPageSize:\s+(\d+) kB$/m.exec(tryText(system, '/proc/self/smaps'))
  return pages === null ? UNKNOWN_BYTES : Number(pages[1]) * Number(pageKilobytes?.[1] ?? 4) * 1024
}
