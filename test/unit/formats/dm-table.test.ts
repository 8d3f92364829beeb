import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDmTable, parseSnapshotStatus } from '../../../src/formats/dm-table.ts'

test('a snapshot and a linear target are read as the kernel document has them', () => {
  assert.equal(parseDmTable('0 5 snapshot 7:0 7:1 P 128\n5 7 linear 7:0 34\n'), [
    {
      kind: 'snapshot',
      startSectors: 0,
      sectors: 5,
      origin: '7:0',
      cow: '7:1',
      persistent: 'P',
      chunkSectors: 128,
      features: [],
    },
    { kind: 'linear', startSectors: 5, sectors: 7, device: '7:0', offsetSectors: 34 },
  ])
})

test('the features of a snapshot are read without their count', () => {
  const text = '0 131072 snapshot 7:0 7:1 PO 32 2 discard_zeroes_cow discard_passdown_origin\n'
  const [target] = parseDmTable(text)
  assert.equal(target?.kind === 'snapshot' && target.features, [
    'discard_zeroes_cow',
    'discard_passdown_origin',
  ])
})

test('a table of several targets is read whole, in order', () => {
  const text =
    '0 1048576 linear 7:0 0\n1048576 524288 zero \n1572864 8 error \n1572872 8 snapshot-origin 7:0\n'
  assert.equal(parseDmTable(text), [
    { kind: 'linear', startSectors: 0, sectors: 1048576, device: '7:0', offsetSectors: 0 },
    { kind: 'other', startSectors: 1048576, sectors: 524288, type: 'zero', args: [] },
    { kind: 'other', startSectors: 1572864, sectors: 8, type: 'error', args: [] },
    { kind: 'other', startSectors: 1572872, sectors: 8, type: 'snapshot-origin', args: ['7:0'] },
  ])
})

test('a merging snapshot is told apart', () => {
  assert.is(parseDmTable('0 8 snapshot-merge 7:0 7:1 P 8')[0]?.kind, 'snapshot-merge')
})

test('a snapshot with arguments of another form is no snapshot to rely on', () => {
  for (const args of ['7:0 7:1 PO', '7:0 7:1 X 8', '7:0 7:1 PO eight', '7:0']) {
    assert.is(parseDmTable(`0 8 snapshot ${args}`)[0]?.kind, 'other', args)
  }
})

test('text that is no table has no targets', () => {
  assert.equal(parseDmTable(''), [])
  assert.equal(parseDmTable('\n'), [])
  assert.equal(parseDmTable('Device does not exist.\nCommand failed.\n'), [])
  assert.equal(parseDmTable('0 -8 linear 7:0 0'), [])
})

test('the status of a snapshot in use is read in sectors', () => {
  assert.equal(parseSnapshotStatus('0 1048576 snapshot 24608/65536 104\n'), {
    kind: 'active',
    usedSectors: 24608,
    totalSectors: 65536,
    metadataSectors: 104,
  })
  assert.is(parseSnapshotStatus('0 1048576 snapshot-merge 16/65536 16').kind, 'active')
})

test('the states in which a snapshot is of no use are told apart', () => {
  assert.equal(parseSnapshotStatus('0 8 snapshot Invalid\n'), { kind: 'invalid' })
  assert.equal(parseSnapshotStatus('0 8 snapshot Overflow\n'), { kind: 'overflow' })
  assert.equal(parseSnapshotStatus('0 8 snapshot-merge Merge failed\n'), { kind: 'merge-failed' })
  assert.equal(parseSnapshotStatus('0 8 snapshot Unknown\n'), { kind: 'unknown' })
})

test('what is no status of a snapshot is unknown', () => {
  for (const text of ['', '0 8 linear \n', '0 8 snapshot 1/2', '0 8 snapshot 1/2 x', 'nonsense']) {
    assert.equal(parseSnapshotStatus(text), { kind: 'unknown' }, text)
  }
})

test.run()
