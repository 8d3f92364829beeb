import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { takeDownLimitMs } from '../../../src/overlay/take-down-limits.ts'
import type { Step } from '../../../src/plan/step.ts'

const test = suite('limits of the shutdown')

const unmount: Step = { kind: 'unmount', at: '/run/initramfs/overlayfs', restore: undefined }
const WRITING: readonly Step[] = [
  unmount,
  { kind: 'sync-file-system', path: '/run/initramfs/holdfast-state' },
  { kind: 'remount', at: '/run/initramfs/holdfast-state', options: 'rw', before: 'ro' },
  { kind: 'copy-trees', from: '/a', to: '/b', paths: ['/x'] },
]
const WAITING: readonly Step[] = [
  { kind: 'remove-dm', name: 'live-rw' },
  { kind: 'detach-loop', device: '/dev/loop0' },
  // A server is not asked.
  { ...unmount, lazy: true },
]
const limits = (steps: readonly Step[], totalMs: number, isSilent = false) => [
  ...new Set(steps.map((step) => takeDownLimitMs(step, { totalMs, isSilent }))),
]

test('what writes out what is in memory gets longer than what only waits', () => {
  assert.equal(limits(WRITING, 0), [30_000])
  assert.equal(limits(WAITING, 0), [5_000])
})

test('a file system that did not answer once is not waited for as long again', () => {
  assert.equal(limits([...WRITING, ...WAITING], 30_000, true), [5_000])
})

test('no step takes more than what is left of the whole, and in the end none begins', () => {
  assert.equal(limits(WRITING, 70_000), [20_000])
  assert.equal(limits(WRITING, 89_999), [5_000])
  assert.equal(limits([...WRITING, ...WAITING], 90_000), [0])
})

test.run()
