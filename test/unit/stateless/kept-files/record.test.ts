import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type FilesRecord,
  formatFilesRecord,
  parseFilesRecord,
} from '../../../../src/stateless/kept-files/record.ts'

const record = suite('kept files: the record')

const was = { inode: 12, modifiedSeconds: 1_700_000_000, bytes: 3 }
const FULL: FilesRecord = {
  version: 1,
  folders: [
    {
      folder: '/etc',
      files: [
        { path: '/etc/ssh/ключ "\\', kept: '/etc/ssh/ключ "\\', linked: false, was },
        { path: '/etc/x', kept: '/usr/x', linked: true, was },
      ],
    },
  ],
  deleted: [{ path: '/etc/motd', kept: '/etc/motd' }],
  awaited: ['/etc/host_key', '/etc/new/folder'],
}

record('what is written is read back', () => {
  assert.equal(parseFilesRecord(formatFilesRecord(FULL)), FULL)
})

record(
  'a record without awaited paths is one that was written before there were any, and is written so',
  () => {
    const { awaited: _, ...before } = FULL
    const text = `${JSON.stringify(before)}\n`
    const read = parseFilesRecord(text)
    assert.equal(read, { ...before, awaited: [] })
    assert.is(read && formatFilesRecord(read), text)
  },
)

type Change = (fields: ReturnType<typeof JSON.parse>) => unknown

const SPOILT: Readonly<Record<string, Change>> = {
  'another version': (fields) => (fields.version = 2),
  'no folders': (fields) => delete fields.folders,
  'no list of what is deleted': (fields) => (fields.deleted = {}),
  'a path that climbs': (fields) => (fields.folders[0].files[0].path = '/etc/../x'),
  'a place that climbs': (fields) => (fields.folders[0].files[0].kept = '/../x'),
  'a place that is relative': (fields) => (fields.folders[0].files[0].kept = 'etc/x'),
  'the root itself': (fields) => (fields.deleted[0].path = '/'),
  'a path outside its folder': (fields) => (fields.folders[0].files[0].path = '/srv/x'),
  'a folder that climbs': (fields) => (fields.folders[0].folder = '/etc/..'),
  'a control character': (fields) => (fields.deleted[0].kept = '/etc/a\nb'),
  'half a character': (fields) => (fields.deleted[0].kept = '/etc/\ud800'),
  'an inode that is no number': (fields) => (fields.folders[0].files[0].was.inode = '12'),
  'a file without its version': (fields) => delete fields.folders[0].files[0].was,
  'awaited paths that are no list': (fields) => (fields.awaited = {}),
  'an awaited path that climbs': (fields) => (fields.awaited[1] = '/etc/../x'),
  'an awaited path that is no text': (fields) => (fields.awaited[0] = { path: '/etc/x' }),
  'a word instead of true': (fields) => (fields.folders[0].files[0].linked = 'true'),
}

for (const [what, change] of Object.entries(SPOILT)) {
  record(`${what} makes it no record`, () => {
    const fields = JSON.parse(formatFilesRecord(FULL))
    change(fields)
    assert.is(parseFilesRecord(JSON.stringify(fields)), undefined)
  })
}

record('text that is no JSON object is no record, however deep it is', () => {
  for (const text of ['', 'null', '[]', '"x"', '{', '['.repeat(100_000)]) {
    assert.is(parseFilesRecord(text), undefined)
  }
})

record.run()
