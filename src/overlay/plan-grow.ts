import type { Allocation } from '../plan/file-steps.ts'
import type { Device, Step } from '../plan/step.ts'

/** A store that is to be longer. */
export interface Growth {
  readonly path: string
  readonly fromBytes: number
  readonly bytes: number
  readonly allocation: Allocation
}

/** The store becomes longer, and its new blocks are on the disk before anybody counts on them; none where it is as long already. */
export function planGrow({ path, fromBytes, bytes, allocation }: Growth): Step[] {
  if (bytes <= fromBytes) return []
  return [
    { kind: 'grow-file', path, fromBytes, bytes, allocation },
    { kind: 'sync', path },
  ]
}

/**
 * The same for a store that is attached to `loop`: its snapshot sees the new length at once, no table is loaded. Not before
 * the length is synced: after a power cut the store would else have entries that point past its end. One that was made
 * longer, and whose loop device was not, needs that alone.
 */
export function planGrowAttached(growth: Growth, loop: Device): Step[] {
  const steps = planGrow(growth)
  const synced: Step[] = steps.length > 0 ? steps : [{ kind: 'sync', path: growth.path }]
  return [...synced, { kind: 'resize-loop', device: loop }]
}
