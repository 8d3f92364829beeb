import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planFilesRecord } from '../../../src/persist/plan-files-record.ts'
import {
  type FilesRecord,
  formatFilesRecord,
  parseFilesRecord,
} from '../../../src/stateless/kept-files/record.ts'
import { stateOf, typed } from './state-of.ts'

const test = suite('persist: the record of the kept files')

const OVERLAY =
  '21 10 0:60 / /etc rw - overlay holdfast-files rw,lowerdir=/l,upperdir=/run/initramfs/holdfast-state/.holdfast/upper/etc,workdir=/w'
const was = { inode: 7, modifiedSeconds: 8, bytes: 9 }
const laid = (path: string) => ({ path, kept: path, linked: false, was })
const RECORD: FilesRecord = {
  version: 1,
  folders: [{ folder: '/etc', files: [laid('/etc/a'), laid('/etc/b')] }],
  deleted: [{ path: '/etc/gone', kept: '/etc/gone' }],
  awaited: [],
}

const AWAITING: FilesRecord = { ...RECORD, awaited: ['/etc/new', '/etc/folder'] }

/** The steps, and what the record says in the end. */
function plan(listed: readonly string[], versions: readonly string[] = [], record = RECORD) {
  const text = formatFilesRecord(record)
  const steps = planFilesRecord(stateOf(listed, [OVERLAY]), {
    text,
    record,
    versions: new Map(versions.map((path) => [path, was])),
  })
  const last = steps.at(-1)
  return { steps, record: last?.kind === 'replace-file' ? parseFilesRecord(last.text) : undefined }
}

test('is left as it is where it agrees with the list', () => {
  assert.equal(plan(['/etc/a', '/etc/b', '/etc/gone', '/srv/x'], ['/srv/x']).steps, [])
})

test('gets what is listed now, once that is in the upper layer: else it would count as deleted', () => {
  const { steps, record } = plan(['/etc/a', '/etc/b', '/etc/gone', '/etc/sub/c'], ['/etc/sub/c'])
  assert.is(typed(steps)[0], 'touch --no-create --reference /etc/sub/c /etc/sub/c')
  assert.equal(
    record?.folders[0]?.files.map(({ path }) => path),
    ['/etc/a', '/etc/b', '/etc/sub/c'],
  )
  assert.equal(record?.folders[0]?.files[2], laid('/etc/sub/c'))
})

test('loses what is not listed any more, and what is kept with a folder now', () => {
  assert.equal(plan(['/etc/b']).record, {
    version: 1,
    folders: [{ folder: '/etc', files: [laid('/etc/b')] }],
    deleted: [],
    awaited: [],
  })
  assert.equal(plan(['/etc', '/etc/a']).record?.folders, [{ folder: '/etc', files: [] }])
})

test('what is waited for stays so as long as it is listed, whatever was made there', () => {
  const all = ['/etc/a', '/etc/b', '/etc/gone', '/etc/new', '/etc/folder']
  assert.equal(plan(all, ['/etc/new'], AWAITING).steps, [])
  assert.equal(plan(all.slice(0, 4), [], AWAITING).record?.awaited, ['/etc/new'])
  assert.equal(plan([...all.slice(0, 3), '/etc/new', '/etc'], [], AWAITING).record?.awaited, [])
})

test('what is listed and is no file, or lies beside every upper layer, is none of its business', () => {
  const { steps } = plan(['/etc/a', '/etc/b', '/etc/gone', '/etc/link', '/srv/y'], ['/srv/y'])
  assert.equal(steps, [])
})

test.run()
