import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type EntryKinds, judgeEntries, listRows } from '../../../src/persist/list-kept.ts'
import { stateOf } from './state-of.ts'

const test = suite('list: how it stands with what is listed')

const MOUNTS = ['20 10 8:16 /a /a rw - ext4 /dev/sdb rw']

test('kept by a mount or as a link; with a folder; not seen; or not there at all', () => {
  const state = stateOf(['/a', '/a/b', '/l', '/x', '/y'], MOUNTS)
  const kinds: Record<string, EntryKinds> = {
    '/l': { kind: 'symlink', copy: 'symlink' },
    '/y': { kind: 'file', copy: 'missing' },
  }
  const listed = judgeEntries(state, ({ at }) => kinds[at] ?? { kind: 'file', copy: 'file' })
  assert.equal(
    listRows(state, listed).map((row) => row.join(' | ')),
    [
      'kept | /a | file | /dev/sdb; files:1',
      'covered | /a/b | file | with /a; files:2',
      'kept | /l | symlink | /dev/sdb, link; files:3',
      'not kept | /x | file | what is seen there is not what is kept; files:4',
      'missing | /y | file | /dev/sdb has nothing of it; files:5',
    ],
  )
})

test.run()
