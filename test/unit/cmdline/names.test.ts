import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isUnknown, nearestName } from '../../../src/cmdline/names.ts'

test('names of ours that nobody knows are told from those of others', () => {
  for (const name of [
    'rd.live.overlay.rest',
    'rd.live.overlayfs.readonly',
    'rd.holdfast',
    'rd.overlay.x',
  ]) {
    assert.ok(isUnknown(name), name)
  }
  for (const name of [
    'rd.live.overlay',
    'rd.overlay',
    'rd.live.check',
    'quiet',
    'overlayroot',
    'rd.overlays',
  ]) {
    assert.not.ok(isUnknown(name), name)
  }
})

test('a slip of the finger finds the name that was meant', () => {
  assert.is(nearestName('rd.live.overlay.rest'), 'rd.live.overlay.reset')
  assert.is(nearestName('rd.live.overlay.read-only'), 'rd.live.overlay.readonly')
  assert.is(nearestName('rd.live.overlayfs.readonly'), 'rd.live.overlay.readonly')
  assert.is(nearestName('rd.holdfast.onfial'), 'rd.holdfast.onfail')
  assert.is(nearestName('rd.holdfast.time'), 'rd.holdfast.timeout')
})

test('a name that is like none has no nearest one, however long it is', () => {
  assert.is(nearestName('rd.live.overlay.persistent'), undefined)
  assert.is(nearestName(`rd.holdfast.${'x'.repeat(100_000)}`), undefined)
})

test.run()
