import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fileStat, formatDeviceNumber } from '../../../src/machine/file-stat.ts'

const test = suite('file stat')
const raw = {
  uid: 0,
  gid: 0,
  size: 0,
  ino: 2,
  nlink: 1,
  dev: 0xfe00,
  rdev: 0,
  blocks: 0,
  mtime: 0,
  ctime: 0,
}

test('the kind and the permissions come from the mode', () => {
  const kinds = [0o100644, 0o040755, 0o120777, 0o060660, 0o020666, 0o010600, 0o140755].map(
    (mode) => fileStat({ ...raw, mode }).kind,
  )
  assert.equal(kinds, ['file', 'directory', 'symlink', 'block', 'character', 'fifo', 'socket'])
  assert.is(fileStat({ ...raw, mode: 0o104755 }).mode, 0o4755)
})

test('the times of content and of status are told apart', () => {
  const { modifiedSeconds, changedSeconds } = fileStat({ ...raw, mode: 0, mtime: 5, ctime: 7 })
  assert.equal([modifiedSeconds, changedSeconds], [5, 7])
})

test('device numbers are those of lsblk', () => {
  assert.is(formatDeviceNumber(0xfe00), '254:0')
  assert.is(formatDeviceNumber(0x10300), '259:0')
})

test('a minor above 255 is put together from both its parts', () => {
  // makedev(3) of 259, 1048575
  assert.is(formatDeviceNumber(0xfff103ff), '259:1048575')
})

test.run()
