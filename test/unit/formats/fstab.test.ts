import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatFstabEntry, parseFstab, withReadOnlyRoot } from '../../../src/formats/fstab.ts'

const test = suite('fstab')

test('entries in their order; comments, blank and short lines are none', () => {
  const text =
    '# x\n\n/dev/a / ext4 ro,x 0 1\n  UUID=1\t/b/ auto\nsource\nserver:/e /n nfs defaults'
  assert.equal(parseFstab(text), [
    { source: '/dev/a', at: '/', type: 'ext4', options: ['ro', 'x'] },
    { source: 'UUID=1', at: '/b', type: 'auto', options: ['defaults'] },
    { source: 'server:/e', at: '/n', type: 'nfs', options: ['defaults'] },
  ])
})

test('a tag in quotes and escaped blanks', () => {
  assert.equal(parseFstab('LABEL="a\\040b" /c\\040d\\134/ ext4'), [
    { source: 'LABEL=a b', at: '/c d\\', type: 'ext4', options: ['defaults'] },
  ])
})

test('an entry is read back as it was written', () => {
  const entry = { source: '/a b\tc\\', at: '/new\nline', type: 'none', options: ['bind', 'x y'] }
  const line = formatFstabEntry(entry)
  assert.is(line, '/a\\040b\\011c\\134 /new\\012line none bind,x\\040y 0 0\n')
  assert.equal(parseFstab(line), [entry])
})

test('the root becomes read-only in the text, and nothing else changes', () => {
  const others = '# x\n/dev/b  /b\text4 rw 0 2\n'
  const changed = (line: string) => withReadOnlyRoot(`${others}${line}\n`)
  const lines = [
    ['/dev/a /  ext4\tdefaults,rw  0 1', '/dev/a /  ext4\tdefaults,ro  0 1'],
    ['/dev/a / ext4 ro,rw,x', '/dev/a / ext4 ro,x,ro'],
    ['/dev/a / ext4', '/dev/a / ext4 ro'],
    ['/dev/a /', '/dev/a / auto ro'],
  ]
  for (const [line = '', view = ''] of lines) assert.is(changed(line), `${others}${view}\n`)
  assert.is(changed('/dev/a / ext4 rw,ro 0 1'), undefined)
  assert.is(changed('#/dev/a / ext4 rw 0 1'), undefined)
})

test.run()
