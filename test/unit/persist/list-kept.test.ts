import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type EntryKinds, judgeEntries, listRows } from '../../../src/persist/list-kept.ts'
import { stateOf } from './state-of.ts'

const test = suite('list: how it stands with what is listed')

const MOUNTS = [
  '20 10 8:16 /a /a rw - ext4 /dev/sdb rw',
  '21 10 0:60 / /etc rw - overlay holdfast-files rw,lowerdir=/l,upperdir=/run/initramfs/holdfast-state/.holdfast/upper/etc,workdir=/w',
  '22 10 0:61 / /opt rw - overlay other rw,lowerdir=/l,upperdir=/run/initramfs/holdfast-state/mine,workdir=/w',
]

test('kept by a mount, by an overlay or as a link; with a folder; not seen; or not there at all', () => {
  const paths = ['/a', '/a/b', '/etc/f', '/l', '/x', '/y', '/opt/z', '/etc/new', '/etc/late', '/m']
  // What the record of the layers has.
  const isCarried = (path: string) => ['/etc/f', '/etc/new'].includes(path)
  const state = stateOf(paths, MOUNTS, { isCarried })
  const kinds: Record<string, Omit<EntryKinds, 'isSameLink'>> = {
    '/m': { kind: 'symlink', copy: 'symlink' },
    '/etc/new': { kind: 'directory', copy: 'missing' },
    '/etc/late': { kind: 'file', copy: 'missing' },
    '/l': { kind: 'symlink', copy: 'symlink' },
    '/y': { kind: 'file', copy: 'missing' },
  }
  const listed = judgeEntries(state, ({ at }) => ({
    ...(kinds[at] ?? { kind: 'file', copy: 'file' }),
    isSameLink: at === '/l',
  }))
  assert.equal(
    listRows(state, listed).map((row) => row.join(' | ')),
    [
      'kept | /a | file | /dev/sdb; files:1',
      'covered | /a/b | file | with /a; files:2',
      'kept | /etc/f | file | /dev/sdb, overlay; files:3',
      'kept | /l | symlink | /dev/sdb, link; files:4',
      'not kept | /x | file | what is seen there is not what is kept; files:5',
      'missing | /y | file | /dev/sdb has nothing of it; files:6',
      'not kept | /opt/z | file | what is seen there is not what is kept; files:7',
      'kept | /etc/new | directory | /dev/sdb, overlay; files:8',
      'missing | /etc/late | file | /dev/sdb has nothing of it; files:9',
      'not kept | /m | symlink | what is seen there is not what is kept; files:10',
    ],
  )
})

test('what nobody but root can tell is neither called kept nor not', () => {
  const state = stateOf(['/etc/f', '/etc/l', '/x'], MOUNTS, { isCarried: () => undefined })
  const listed = judgeEntries(state, ({ at }) => ({
    ...({ kind: 'file', copy: 'file' } as const),
    isSameLink: at === '/etc/l',
  }))
  assert.equal(
    listRows(state, listed).map((row) => row.join(' | ')),
    [
      'unclear | /etc/f | file | only root can see whether it is kept; files:1',
      'kept | /etc/l | file | /dev/sdb, link; files:2',
      'not kept | /x | file | what is seen there is not what is kept; files:3',
    ],
  )
})

test.run()
